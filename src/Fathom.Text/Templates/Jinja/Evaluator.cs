// Runs the tree of a template: statements, names and their scopes. Expressions are in Evaluator.Expressions.cs.

namespace Fathom.Text.Templates.Jinja;

/// <summary>Names and their values; what is not here is looked for further out.</summary>
sealed class Scope(Scope? outer)
{
    readonly Dictionary<string, object?> values = [];

    public bool TryGet(string name, out object? value)
    {
        for (Scope? scope = this; scope is not null; scope = scope.Outer)
            if (scope.values.TryGetValue(name, out value))
                return true;
        value = null;
        return false;
    }

    public void Set(string name, object? value) => values[name] = value;

    Scope? Outer => outer;
}

/// <summary>One rendering. It reaches its data and the functions of <see cref="Globals"/>, nothing else.</summary>
sealed partial class Evaluator
{
    enum Flow
    {
        Normal,
        Break,
        Continue,
    }

    readonly Filters filters;
    readonly Tests tests;
    readonly Methods methods;
    TextBuilder output = new();

    Evaluator(DateTimeOffset now)
    {
        Now = now;
        tests = new Tests(this);
        filters = new Filters(this);
        methods = new Methods(this);
    }

    public Budget Budget { get; } = new();

    /// <summary>The time that <c>strftime_now</c> tells.</summary>
    public DateTimeOffset Now { get; }

    public Filters Filters => filters;

    public Tests Tests => tests;

    /// <summary>The line of the node that was begun last.</summary>
    int Line { get; set; } = 1;

    /// <summary>Renders a template.</summary>
    /// <exception cref="TemplateException">It refuses its data, cannot be run on them or asks for too much.</exception>
    public static TextBuilder Run(Body template, string name, Func<Scope, Scope> fill, DateTimeOffset now)
    {
        Evaluator evaluator = new(now);
        Budget? before = Budget.Use(evaluator.Budget);
        try
        {
            Scope scope = fill(Globals.Make(evaluator));
            evaluator.Execute(template, new Scope(scope));
            return evaluator.output;
        }
        catch (TemplateError error)
        {
            throw new TemplateException(name, evaluator.Line, error.Message, error.IsRefusal);
        }
        finally
        {
            Budget.Use(before);
        }
    }

    Flow Execute(Body body, Scope scope)
    {
        Budget.Enter();
        Flow flow = Flow.Normal;
        for (int i = 0; i < body.Statements.Count && flow == Flow.Normal; i++)
            flow = Execute(body.Statements[i], scope);
        Budget.Leave();
        return flow;
    }

    Flow Execute(Node statement, Scope scope)
    {
        Line = statement.Line;
        Budget.Step();
        switch (statement)
        {
            case Output text:
                Write(text.Text);
                break;
            case Print print:
                Write(Python.ToText(Evaluate(print.Value, scope), Budget));
                break;
            case If choice:
                foreach ((Node condition, Body branch) in choice.Branches)
                    if (Python.IsTrue(Evaluate(condition, scope)))
                        return Execute(branch, scope);
                return choice.Else is { } otherwise ? Execute(otherwise, scope) : Flow.Normal;
            case For loop:
                Repeat(loop, scope);
                break;
            case Set set:
                Assign(set.Target, Evaluate(set.Value, scope), scope);
                break;
            case SetBlock set:
                Text captured = Capture(set.Body, new Scope(scope));
                Assign(set.Target, set.Filter is null ? captured : ApplyFilters(set.Filter, captured, scope), scope);
                break;
            case Macro macro:
                scope.Set(macro.Identifier, MacroOf(macro, scope));
                break;
            case CallBlock call:
                Write(Python.ToText(CallFunction(call.Call, scope, MacroOf(call.Caller, scope)), Budget));
                break;
            case FilterBlock block:
                Write(Python.ToText(ApplyFilters(block.Filter, Capture(block.Body, new Scope(scope)), scope), Budget));
                break;
            case With with:
                Scope inner = new(scope);
                foreach ((Node target, Node value) in with.Assignments)
                    Assign(target, Evaluate(value, scope), inner);
                return Execute(with.Body, inner);
            case Jump jump:
                return jump.Continues ? Flow.Continue : Flow.Break;
            case Body body:
                return Execute(body, scope);
            default:
                throw new InvalidOperationException($"no statement: {statement}");
        }
        return Flow.Normal;
    }

    void Write(Text text)
    {
        Budget.Make(text.Value.Length);
        if (output.Length + (long)text.Value.Length > Budget.LongestText)
            throw new TemplateError($"a prompt of more than {Budget.LongestText} characters");
        output.Append(text);
    }

    Text Capture(Body body, Scope scope)
    {
        TextBuilder outside = output;
        output = new TextBuilder();
        Execute(body, scope);
        Text captured = output.ToText();
        output = outside;
        return captured;
    }

    void Repeat(For loop, Scope scope)
    {
        // A template may change the list that it runs over.
        List<object?> items = [.. Python.Iterate(Evaluate(loop.Items, scope), Budget)];
        Budget.Step(items.Count);
        if (loop.Condition is not null)
            items.RemoveAll(item =>
            {
                Scope inner = new(scope);
                Assign(loop.Target, item, inner);
                return !Python.IsTrue(Evaluate(loop.Condition, inner));
            });
        if (items.Count == 0 && loop.Else is not null)
        {
            Execute(loop.Else, new Scope(scope));
            return;
        }
        Loop state = new(items);
        for (; state.Index < items.Count; state.Index++)
        {
            Scope inner = new(scope);
            inner.Set("loop", state);
            Assign(loop.Target, items[state.Index], inner);
            if (Execute(loop.Body, inner) == Flow.Break)
                return;
        }
    }

    void Assign(Node target, object? value, Scope scope)
    {
        switch (target)
        {
            case Name name:
                scope.Set(name.Identifier, value);
                break;
            case Attribute { Target: Name owner } attribute:
                if (!scope.TryGet(owner.Identifier, out object? found) || found is not Namespace space)
                    throw new TemplateError($"'{owner.Identifier}' is no namespace, so '{attribute.Identifier}' of it cannot be set");
                space.Attributes[attribute.Identifier] = value;
                break;
            case ListDisplay tuple:
                List<object?> items = Python.Iterate(value, Budget);
                if (items.Count != tuple.Items.Count)
                    throw new TemplateError($"{items.Count} values for {tuple.Items.Count} names");
                for (int i = 0; i < items.Count; i++)
                    Assign(tuple.Items[i], items[i], scope);
                break;
            default:
                throw new InvalidOperationException($"no target: {target}");
        }
    }

    Function MacroOf(Macro macro, Scope defined) => new(macro.Identifier, arguments =>
    {
        Budget.Enter();
        int line = Line;
        Scope scope = new(defined);
        // What the macro does not name is still there for it.
        List<object?> more = [.. arguments.Positional.Skip(macro.Parameters.Count)];
        Mapping moreNamed = new();
        foreach ((string name, object? value) in arguments.Named)
            if (name == "caller")
                scope.Set(name, value);
            else if (macro.Parameters.All(p => p.Name != name))
                moreNamed.Set(Text.OfTemplate(name), value);
        scope.Set("varargs", new Sequence(more, isTuple: true));
        scope.Set("kwargs", moreNamed);
        for (int i = 0; i < macro.Parameters.Count; i++)
        {
            (string name, Node? otherwise) = macro.Parameters[i];
            scope.Set(name, arguments.TryTake(i, name, out object? value) ? value
                : otherwise is not null ? Evaluate(otherwise, scope)
                : new Undefined($"the parameter '{name}' was not given"));
        }
        Text result = Capture(macro.Body, scope);
        Line = line;
        Budget.Leave();
        return result;
    });
}

/// <summary>The variable <c>loop</c>.</summary>
sealed class Loop(List<object?> items) : Special
{
    object? lastChanged;
    bool hasChanged;

    public int Index { get; set; }

    public override bool TryGetAttribute(string name, out object? value)
    {
        value = name switch
        {
            "index" => (long)Index + 1,
            "index0" => (long)Index,
            "revindex" => (long)items.Count - Index,
            "revindex0" => (long)items.Count - Index - 1,
            "first" => Index == 0,
            "last" => Index == items.Count - 1,
            "length" => (long)items.Count,
            // Only recursive loops go deeper.
            "depth" => 1L,
            "depth0" => 0L,
            "previtem" => Index > 0 ? items[Index - 1] : new Undefined("there is no previous item"),
            "nextitem" => Index + 1 < items.Count ? items[Index + 1] : new Undefined("there is no next item"),
            "cycle" => new Function("cycle", arguments => arguments.Positional.Count > 0
                ? arguments.Positional[Index % arguments.Positional.Count] : throw new TemplateError("loop.cycle() needs values")),
            "changed" => new Function("changed", arguments => Changed(new Sequence(arguments.Positional))),
            _ => null,
        };
        return value is not null || name is "previtem" or "nextitem";
    }

    bool Changed(Sequence values)
    {
        bool same = hasChanged && Python.AreEqual(lastChanged, values);
        (lastChanged, hasChanged) = (values, true);
        return !same;
    }
}
