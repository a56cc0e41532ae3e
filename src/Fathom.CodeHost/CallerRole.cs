// The caller: loads one program and calls its methods. The program shares this process; no expected value ever comes here.
using System.Reflection;
using System.Text.Json;

namespace Fathom.CodeHost;

/// <summary>Calls methods of an untrusted program.</summary>
static class CallerRole
{
    const BindingFlags Any = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    static readonly JsonSerializerOptions s_options = new() { IncludeFields = true, MaxDepth = 512 };

    /// <summary>Serves requests to the end of the channel.</summary>
    public static void Serve(Channel channel, string file)
    {
        Assembly? program = null;
        while (channel.Receive() is { } request)
        {
            string? nonce = request.GetProperty("n").GetString();
            if (request.TryGetProperty("load", out _))
            {
                channel.Send(w => { w.WriteString("n", nonce); w.WriteBoolean("compiled", true); });
                Answer(channel, nonce, () => program = Assembly.LoadFrom(Path.GetFullPath(file)), (w, _) => w.WriteStartArray("names"), w => w.WriteEndArray());
                continue;
            }
            Answer(channel, nonce, () => Call(program!, request.GetProperty("call").GetString()!, request.GetProperty("a")), (w, result) =>
            {
                w.WritePropertyName("r");
                Values.Write(w, result, 0);
            });
        }
    }

    static void Answer(Channel channel, string? nonce, Func<object?> work, Action<Utf8JsonWriter, object?> report, Action<Utf8JsonWriter>? end = null)
    {
        try
        {
            object? result = work();
            channel.Send(w =>
            {
                w.WriteString("n", nonce);
                report(w, result);
                end?.Invoke(w);
            });
        }
        catch (Exception e)
        {
            Exception cause = e is TargetInvocationException { InnerException: { } inner } ? inner : e;
            channel.Send(w =>
            {
                w.WriteString("n", nonce);
                w.WriteStartArray("e");
                w.WriteStringValue(cause.GetType().Name);
                w.WriteStringValue($"{cause.GetType().Name}: {cause.Message}");
                w.WriteEndArray();
            });
        }
    }

    static object? Call(Assembly program, string name, JsonElement arguments)
    {
        MethodInfo method = Find(program, name, arguments.GetArrayLength());
        ParameterInfo[] parameters = method.GetParameters();
        object?[] values = new object?[parameters.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = Values.Plain(arguments[i]).Deserialize(parameters[i].ParameterType, s_options);
        object? target = method.IsStatic ? null : Activator.CreateInstance(method.DeclaringType!, nonPublic: true);
        return method.Invoke(target, values);
    }

    // A method of class Solution, of any other class, or a function among top-level statements; the case of letters does not matter, as tests
    // are written for several languages.
    static MethodInfo Find(Assembly program, string name, int count)
    {
        IEnumerable<MethodInfo> methods = program.GetTypes().OrderByDescending(type => type.Name == "Solution").SelectMany(type => type.GetMethods(Any))
            .Where(method => !method.ContainsGenericParameters && (Same(method.Name) || method.Name.Contains(">g__", StringComparison.Ordinal)
                && Same(method.Name[(method.Name.IndexOf(">g__", StringComparison.Ordinal) + 4)..].Split('|')[0])));
        List<MethodInfo> found = [.. methods];
        return found.Find(method => method.GetParameters().Length == count)
            ?? throw new MissingMethodException(found.Count == 0 ? $"the program defines no method {name}" : $"{name} does not take {count} arguments");

        bool Same(string other) => string.Equals(name.Replace("_", "", StringComparison.Ordinal), other.Replace("_", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
    }
}
