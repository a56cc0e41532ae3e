// A second interpreter of the small programs, from their text: one line at a time, blocks by indentation.
using System.Globalization;

namespace Fathom.Evaluation.Tests.Tasks;

sealed class TinyPython(string[] lines)
{
    readonly Dictionary<string, long> _values = [];
    long? _printed;

    public long Run()
    {
        Block(0, lines.Length);
        return _printed!.Value;
    }

    void Block(int from, int to)
    {
        bool? last = null;
        for (int at = from; at < to;)
        {
            string line = lines[at].Trim();
            int end = at + 1;
            while (end < to && Indent(lines[end]) > Indent(lines[at]))
                end++;
            string head = line.TrimEnd(':');
            if (line.StartsWith("if ", StringComparison.Ordinal))
            {
                last = Value(head[3..]) != 0;
                if (last.Value)
                    Block(at + 1, end);
            }
            else if (line == "else:")
            {
                if (!last!.Value)
                    Block(at + 1, end);
            }
            else if (line.StartsWith("while ", StringComparison.Ordinal))
            {
                while (Value(head[6..]) != 0)
                    Block(at + 1, end);
            }
            else if (line.StartsWith("for i in range(", StringComparison.Ordinal))
            {
                for (long i = 0, count = Value(head["for i in range(".Length..^1]); i < count; i++)
                {
                    _values["i"] = i;
                    Block(at + 1, end);
                }
            }
            else if (line.StartsWith("print(", StringComparison.Ordinal))
                _printed = Value(line[6..^1]);
            else
                _values[line.Split('=')[0]] = Value(line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..]);
            at = end;
        }
    }

    long Value(string term)
    {
        foreach (string operation in new[] { "==", ">", "<", "+", "-", "*", "%" })
        {
            int at = term.LastIndexOf(operation, StringComparison.Ordinal);
            if (at <= 0)
                continue;
            (long left, long right) = (Value(term[..at]), Value(term[(at + operation.Length)..]));
            return operation switch
            {
                "==" => left == right ? 1 : 0,
                ">" => left > right ? 1 : 0,
                "<" => left < right ? 1 : 0,
                "+" => left + right,
                "-" => left - right,
                "*" => left * right,
                // Python's remainder has the divisor's sign.
                _ => (left % right + right) % right,
            };
        }
        return long.TryParse(term, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : _values[term];
    }

    static int Indent(string line) => line.Length - line.TrimStart().Length;
}
