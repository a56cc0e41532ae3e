// The tests of expressions: `value is name(arguments)`.

namespace Fathom.Text.Templates.Jinja;

sealed class Tests
{
    readonly Evaluator evaluator;
    readonly Dictionary<string, Func<object?, Arguments, bool>> byName;

    public Tests(Evaluator evaluator)
    {
        this.evaluator = evaluator;
        byName = new()
        {
            ["defined"] = (value, _) => value is not Undefined,
            ["undefined"] = (value, _) => value is Undefined,
            ["none"] = (value, _) => value is null,
            ["boolean"] = (value, _) => value is bool,
            ["true"] = (value, _) => value is true,
            ["false"] = (value, _) => value is false,
            ["integer"] = (value, _) => value is long or System.Numerics.BigInteger,
            ["float"] = (value, _) => value is double,
            ["number"] = (value, _) => Python.IsNumber(value),
            ["string"] = (value, _) => value is Text,
            ["mapping"] = (value, _) => value is Mapping,
            ["sequence"] = (value, _) => value is Text or Sequence or Mapping or Undefined,
            ["iterable"] = (value, _) => value is Text or Sequence or Mapping or Undefined,
            ["callable"] = (value, _) => value is Function,
            ["sameas"] = (value, arguments) => arguments.Take(0, "other") is var other
                && (ReferenceEquals(value, other) || value is bool or null or long && value?.GetType() == other?.GetType() && Python.AreEqual(value, other)),
            ["in"] = (value, arguments) => Python.Contains(arguments.Take(0, "seq"), value),
            ["even"] = (value, _) => Python.Integer(value, "even") % 2 == 0,
            ["odd"] = (value, _) => Python.Integer(value, "odd") % 2 != 0,
            ["divisibleby"] = (value, arguments) => arguments.TakeInteger(0, "num", 0) is var by && by != 0
                ? by == -1 || Python.Integer(value, "divisibleby") % by == 0 : throw new TemplateError("division by zero"),
            ["lower"] = (value, _) => IsCased(Python.ToText(value, evaluator.Budget).Value, char.IsUpper, char.IsLower),
            ["upper"] = (value, _) => IsCased(Python.ToText(value, evaluator.Budget).Value, char.IsLower, char.IsUpper),
            ["escaped"] = (_, _) => false,
            ["filter"] = (value, _) => value is Text name && evaluator.Filters.Knows(name.Value),
            ["test"] = (value, _) => value is Text name && Knows(name.Value),
        };
        foreach ((string sign, string[] names) in new (string, string[])[]
        {
            ("==", ["eq", "equalto", "=="]), ("!=", ["ne", "!="]), ("<", ["lt", "lessthan", "<"]), ("<=", ["le", "<="]), (">", ["gt", "greaterthan", ">"]), (">=", ["ge", ">="]),
        })
            foreach (string name in names)
                byName[name] = (value, arguments) => Python.Compare(sign, value, arguments.Take(0, "other"));
    }

    public bool Knows(string name) => byName.ContainsKey(name);

    public bool Apply(string name, object? value, Arguments arguments)
    {
        if (!byName.TryGetValue(name, out Func<object?, Arguments, bool>? test))
            throw new TemplateError($"there is no test '{name}'; known: {string.Join(", ", byName.Keys.Where(k => char.IsLetter(k[0])))}");
        evaluator.Budget.LookThrough(value);
        foreach (object? argument in arguments.Positional)
            evaluator.Budget.LookThrough(argument);
        arguments.Function = name;
        return test(value, arguments);
    }

    /// <summary>Whether a text has letters of one case and none of the other.</summary>
    public static bool IsCased(string text, Func<char, bool> forbidden, Func<char, bool> needed) => !text.Any(forbidden) && text.Any(needed);
}
