// What .NET 8 and ASP.NET have and Mono lacks, as far as receivers use it: under the names and with the
// signatures that they have there, so that Mono's compiler can hold the receivers against them. What Mono can
// compute is computed; Ed25519 and P-256 cannot be checked here.
using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Numerics;
using System.Security.Cryptography;
using System.Threading.Tasks;
using System.Web.Script.Serialization;

namespace Net8
{
    static class Convert
    {
        public static byte[] FromBase64String(string text) => System.Convert.FromBase64String(text);
        public static string ToBase64String(byte[] bytes) => System.Convert.ToBase64String(bytes);
        public static string ToHexString(byte[] bytes) => BitConverter.ToString(bytes).Replace("-", "");

        public static byte[] FromHexString(string text)
        {
            if (text.Length % 2 != 0 || !text.All(Uri.IsHexDigit)) throw new FormatException();
            return Enumerable.Range(0, text.Length / 2).Select(at => System.Convert.ToByte(text.Substring(2 * at, 2), 16)).ToArray();
        }
    }

    static class Encoding
    {
        public static System.Text.Encoding UTF8 => System.Text.Encoding.UTF8;
        public static System.Text.Encoding Latin1 => System.Text.Encoding.GetEncoding("ISO-8859-1");
    }

    static class SHA1 { public static byte[] HashData(byte[] of) => System.Security.Cryptography.SHA1.Create().ComputeHash(of); }
    static class SHA256 { public static byte[] HashData(byte[] of) => System.Security.Cryptography.SHA256.Create().ComputeHash(of); }
    static class SHA384 { public static byte[] HashData(byte[] of) => System.Security.Cryptography.SHA384.Create().ComputeHash(of); }
    static class SHA512 { public static byte[] HashData(byte[] of) => System.Security.Cryptography.SHA512.Create().ComputeHash(of); }
    static class HMACSHA1 { public static byte[] HashData(byte[] key, byte[] of) => new System.Security.Cryptography.HMACSHA1(key).ComputeHash(of); }
    static class HMACSHA256 { public static byte[] HashData(byte[] key, byte[] of) => new System.Security.Cryptography.HMACSHA256(key).ComputeHash(of); }
    static class HMACSHA384 { public static byte[] HashData(byte[] key, byte[] of) => new System.Security.Cryptography.HMACSHA384(key).ComputeHash(of); }
    static class HMACSHA512 { public static byte[] HashData(byte[] key, byte[] of) => new System.Security.Cryptography.HMACSHA512(key).ComputeHash(of); }

    static class Pem
    {
        public static byte[] Decoded(string pem)
        {
            var lines = pem.Split('\n').Select(line => line.Trim()).ToArray();
            var first = Array.FindIndex(lines, line => line.StartsWith("-----BEGIN", StringComparison.Ordinal));
            var last = Array.FindIndex(lines, line => line.StartsWith("-----END", StringComparison.Ordinal));
            if (first < 0 || last < first) throw new ArgumentException("no PEM");
            try
            {
                return System.Convert.FromBase64String(string.Concat(lines.Skip(first + 1).Take(last - first - 1)));
            }
            catch (FormatException)
            {
                throw new ArgumentException("no base64");
            }
        }

        /// A number of ASN.1, at this place: where its content begins and how long it is.
        public static (int Start, int Length) Part(byte[] der, int at, byte tag)
        {
            if (at + 2 > der.Length || der[at] != tag) throw new CryptographicException("no such key");
            int length = der[at + 1], start = at + 2;
            if (length > 0x80)
            {
                var digits = length - 0x80;
                length = der.Skip(start).Take(digits).Aggregate(0, (sum, one) => sum * 256 + one);
                start += digits;
            }
            return (start, length);
        }

        public static void ImportFromPem(this RSA key, string pem)
        {
            var der = Decoded(pem);
            var whole = Part(der, 0, 0x30);
            var algorithm = Part(der, whole.Start, 0x30);
            var rsa = new byte[] { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01 };
            if (!der.Skip(algorithm.Start).Take(rsa.Length).SequenceEqual(rsa)) throw new CryptographicException("no RSA key");
            var bits = Part(der, algorithm.Start + algorithm.Length, 0x03);
            var numbers = Part(der, bits.Start + 1, 0x30);
            var modulus = Part(der, numbers.Start, 0x02);
            var exponent = Part(der, modulus.Start + modulus.Length, 0x02);
            key.ImportParameters(new RSAParameters
            {
                Modulus = der.Skip(modulus.Start).Take(modulus.Length).SkipWhile(one => one == 0).ToArray(),
                Exponent = der.Skip(exponent.Start).Take(exponent.Length).ToArray(),
            });
        }
    }

    class X509Certificate2
    {
        readonly System.Security.Cryptography.X509Certificates.X509Certificate2 inner;
        X509Certificate2(byte[] der) { inner = new System.Security.Cryptography.X509Certificates.X509Certificate2(der); }
        public static X509Certificate2 CreateFromPem(string pem) => new X509Certificate2(Pem.Decoded(pem));
        public RSA GetRSAPublicKey() => System.Security.Cryptography.X509Certificates.RSACertificateExtensions.GetRSAPublicKey(inner);
    }

    enum DSASignatureFormat { IeeeP1363FixedFieldConcatenation, Rfc3279DerSequence }

    class ECDsa : IDisposable
    {
        public static ECDsa Create() => new ECDsa();
        public int KeySize => 256;
        public void ImportFromPem(string pem) => throw new NotSupportedException();
        public void ImportSubjectPublicKeyInfo(byte[] der, out int read) => throw new NotSupportedException();
        public bool VerifyData(byte[] of, byte[] signature, HashAlgorithmName hash, DSASignatureFormat format) => throw new NotSupportedException();
        public void Dispose() { }
    }

    // What a JSON document is made of.
    class JsonException : Exception { }

    abstract class JsonNode
    {
        public virtual JsonNode this[string name] { get { throw new InvalidOperationException("no object"); } }
        public virtual JsonNode this[int at] { get { throw new InvalidOperationException("no array"); } }

        public static JsonNode Parse(byte[] utf8)
        {
            object read;
            try
            {
                var text = new System.Text.UTF8Encoding(false, true).GetString(utf8);
                // JSON in its own words has no byte order mark, and is not empty.
                if (text.Trim() == "" || text[0] == '\ufeff') throw new JsonException();
                read = new JavaScriptSerializer().DeserializeObject(text);
            }
            catch (Exception fault) when (!(fault is JsonException))
            {
                throw new JsonException();
            }
            return Of(read);
        }

        static JsonNode Of(object read)
        {
            if (read is IDictionary<string, object> fields) return new JsonObject(fields.ToDictionary(one => one.Key, one => Of(one.Value)));
            if (read is object[] items) return new JsonArray(items.Select(Of).ToArray());
            return read == null ? null : new JsonValue(read);
        }
    }

    class JsonValue : JsonNode
    {
        readonly object value;
        public JsonValue(object value) { this.value = value; }
        public override string ToString() =>
            value is bool truth ? (truth ? "true" : "false") : System.Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture);
    }

    class JsonObject : JsonNode
    {
        readonly Dictionary<string, JsonNode> fields;
        public JsonObject() : this(new Dictionary<string, JsonNode>()) { }
        public JsonObject(Dictionary<string, JsonNode> fields) { this.fields = fields; }
        public override JsonNode this[string name] => fields.TryGetValue(name, out var found) ? found : null;
    }

    class JsonArray : JsonNode
    {
        readonly JsonNode[] items;
        public JsonArray(JsonNode[] items) { this.items = items; }
        public int Count => items.Length;
        public override JsonNode this[int at] => items[at];
    }

    // What a header holds: any number of values.
    struct StringValues : IEnumerable<string>
    {
        readonly string[] values;
        public StringValues(string[] values) { this.values = values; }
        public override string ToString() => string.Join(",", values ?? new string[0]);
        public IEnumerator<string> GetEnumerator() => ((IEnumerable<string>)(values ?? new string[0])).GetEnumerator();
        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    interface IHeaderDictionary
    {
        StringValues this[string name] { get; }
    }

    class HeaderDictionary : IHeaderDictionary
    {
        public readonly Dictionary<string, List<string>> All = new Dictionary<string, List<string>>(StringComparer.OrdinalIgnoreCase);
        public StringValues this[string name] => All.TryGetValue(name, out var found) ? new StringValues(found.ToArray()) : new StringValues();
    }

    // The server, which nobody calls here.
    interface IHttpRequestFeature { string RawTarget { get; } }
    class FeatureCollection { public T GetRequiredFeature<T>() => throw new NotSupportedException(); }

    class HttpRequest
    {
        public Stream Body { get; }
        public string Method { get; }
        public IHeaderDictionary Headers { get; }
    }

    class HttpResponse
    {
        public int StatusCode { get; set; }
        public Task WriteAsync(string text) => throw new NotSupportedException();
    }

    class HttpContext
    {
        public HttpRequest Request { get; }
        public HttpResponse Response { get; }
        public FeatureCollection Features { get; }
    }

    class WebApplication
    {
        public static WebApplication Create(string[] args) => new WebApplication();
        public void Run(Func<HttpContext, Task> handler) => throw new NotSupportedException();
        public void Run(string url = null) => throw new NotSupportedException();
    }

    namespace System_IO_Hashing
    {
        static class Crc32
        {
            public static uint HashToUInt32(byte[] of)
            {
                var sum = 0xffffffffu;
                foreach (var one in of)
                {
                    sum ^= one;
                    for (var bit = 0; bit < 8; bit++) sum = (sum & 1) == 1 ? sum >> 1 ^ 0xedb88320 : sum >> 1;
                }
                return ~sum;
            }
        }
    }

    // The library BouncyCastle.
    class Ed25519PublicKeyParameters { public Ed25519PublicKeyParameters(byte[] key) { throw new NotSupportedException(); } }

    class Ed25519Signer
    {
        public void Init(bool forSigning, Ed25519PublicKeyParameters key) => throw new NotSupportedException();
        public void BlockUpdate(byte[] of, int from, int length) => throw new NotSupportedException();
        public bool VerifySignature(byte[] signature) => throw new NotSupportedException();
    }
}
