// Reads a case a line and says for each whether its receiver believes it. Fields are in base64, between tabs:
// scheme, body, secrets, headers, arguments; lists between commas. Given a scheme, it starts its receiver instead.
using System;
using System.Linq;
using System.Reflection;
using System.Text;

public static class Driver
{
    public static void Main(string[] args)
    {
        if (args.Length > 0)
        {
            Receiver(args[0]).GetMethod("Main", BindingFlags.Static | BindingFlags.NonPublic).Invoke(null, new object[] { args });
            return;
        }
        Console.InputEncoding = Console.OutputEncoding = new UTF8Encoding(false);
        // All of it first: who asks reads answers only once everything is asked.
        var lines = Console.In.ReadToEnd().Split(new[] { '\n' }, StringSplitOptions.RemoveEmptyEntries);
        foreach (var line in lines) Console.Out.WriteLine(Said(line.Split('\t')));
    }

    static string Said(string[] fields)
    {
        var headers = new Net8.HeaderDictionary();
        foreach (var header in List(fields[3]))
        {
            var at = header.IndexOf(':');
            var name = header.Substring(0, at);
            if (!headers.All.ContainsKey(name)) headers.All[name] = new System.Collections.Generic.List<string>();
            headers.All[name].Add(header.Substring(at + 1));
        }
        var arguments = List(fields[4]).Select(one => long.TryParse(one, out var number) ? (object)number : one);
        var given = new object[] { headers, Convert.FromBase64String(fields[1]), List(fields[2]) }.Concat(arguments).ToArray();
        var receiver = Receiver(Text(fields[0]));
        try
        {
            receiver.GetMethod("Verify", BindingFlags.Static | BindingFlags.NonPublic).Invoke(null, given);
            return "good";
        }
        catch (TargetInvocationException thrown)
        {
            var fault = thrown.InnerException;
            return (fault.GetType().Name == "Rejected" ? "rejected\t" : "broke\t") + fault.Message.Replace('\n', ' ');
        }
    }

    static Type Receiver(string scheme) => typeof(Driver).Assembly.GetType("Net8.of_" + scheme + ".Program");

    static string[] List(string field) => field == "" ? new string[0] : field.Split(',').Select(Text).ToArray();

    static string Text(string field) => Encoding.UTF8.GetString(Convert.FromBase64String(field));
}
