<?php
// Reads {receivers: {scheme: file}, cases: […]} and says for each case whether its receiver believes it.
// All receivers define the same names, so a process for each asks its own.

function as_php_gives(array $headers): array
{
    $given = [];
    foreach ($headers as [$name, $value]) {
        $name = strtolower($name);
        $given[$name] = isset($given[$name]) ? "{$given[$name]}, $value" : $value;
    }
    return $given;
}

$asked = json_decode(stream_get_contents(STDIN), true);
if (count($asked['receivers']) > 1) {
    $said = [];
    foreach ($asked['receivers'] as $scheme => $file) {
        $cases = array_filter($asked['cases'], fn ($case) => $case['scheme'] === $scheme);
        $own = json_encode(['receivers' => [$scheme => $file], 'cases' => array_values($cases)]);
        $process = proc_open([PHP_BINARY, __FILE__], [['pipe', 'r'], ['pipe', 'w']], $pipes);
        fwrite($pipes[0], $own);
        fclose($pipes[0]);
        $said += array_combine(array_keys($cases), json_decode(stream_get_contents($pipes[1]), true));
        proc_close($process);
    }
    ksort($said);
    exit(json_encode($said));
}

require array_values($asked['receivers'])[0];
$verdicts = [];
foreach ($asked['cases'] as $case) {
    $headers = as_php_gives($case['headers']);
    try {
        verify($headers, base64_decode($case['body']), $case['secrets'], ...$case['arguments']);
        $verdicts[] = ['good' => true];
    } catch (Throwable $error) {
        $broke = !$error instanceof Rejected;
        $verdicts[] = ['good' => false, 'reason' => $error->getMessage(), 'broke' => $broke];
    }
}
echo json_encode($verdicts);
