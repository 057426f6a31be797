// Reads a case a line and says for each whether its receiver believes it. Fields are in base64, between tabs,
// as the JDK reads no JSON: scheme, body, secrets, headers, arguments; lists between commas.
import com.sun.net.httpserver.Headers;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

public class Driver {
    public static void main(String[] args) throws Exception {
        for (String line : new String(System.in.readAllBytes(), StandardCharsets.US_ASCII).split("\n")) {
            String[] fields = line.split("\t", -1);
            var headers = new Headers();
            for (String header : list(fields[3])) {
                headers.add(header.substring(0, header.indexOf(':')), header.substring(header.indexOf(':') + 1));
            }
            var given = new ArrayList<Object>(List.of(headers, bytes(fields[1]), list(fields[2])));
            for (String argument : list(fields[4])) {
                given.add(argument.matches("-?[0-9]+") ? (Object) Long.parseLong(argument) : argument);
            }
            System.out.println(said(text(fields[0]), given.toArray()));
        }
    }

    static String said(String scheme, Object[] given) throws Exception {
        Class<?> receiver = Class.forName("of_" + scheme + ".Receiver");
        Method verify = Stream.of(receiver.getDeclaredMethods())
            .filter(method -> method.getName().equals("verify")).findFirst().orElseThrow();
        verify.setAccessible(true);
        try {
            verify.invoke(null, given);
            return "good";
        } catch (InvocationTargetException thrown) {
            Throwable error = thrown.getCause();
            boolean rejected = error.getClass().getSimpleName().equals("Rejected");
            return (rejected ? "rejected\t" : "broke\t") + error.getMessage();
        }
    }

    static List<String> list(String field) {
        return field.isEmpty() ? List.of() : Stream.of(field.split(",", -1)).map(Driver::text).toList();
    }

    static String text(String field) {
        return new String(bytes(field), StandardCharsets.UTF_8);
    }

    static byte[] bytes(String field) {
        return Base64.getDecoder().decode(field);
    }
}
