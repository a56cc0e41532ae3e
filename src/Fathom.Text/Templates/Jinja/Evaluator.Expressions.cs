// Runs the tree of a template: expressions.

namespace Fathom.Text.Templates.Jinja;

sealed partial class Evaluator
{
    object? Evaluate(Node node, Scope scope)
    {
        Line = node.Line;
        Budget.Step();
        Budget.Enter();
        object? value = node switch
        {
            Literal literal => literal.Value,
            Name name => scope.TryGet(name.Identifier, out object? found) ? found : new Undefined($"'{name.Identifier}' is not defined"),
            ListDisplay list => new Sequence([.. list.Items.Select(i => Evaluate(i, scope))], list.IsTuple),
            DictDisplay dict => MappingOf(dict, scope),
            Attribute attribute => GetAttribute(Evaluate(attribute.Target, scope), attribute.Identifier),
            Subscript subscript => GetItem(Evaluate(subscript.Target, scope), Evaluate(subscript.Index, scope)),
            Slice slice => GetSlice(slice, scope),
            Call call => CallFunction(call, scope, caller: null),
            Filter filter => ApplyFilter(filter, filter.Target is null ? null : Evaluate(filter.Target, scope), scope),
            Test test => ApplyTest(test, scope),
            Unary unary => ApplyUnary(unary.Operator, Evaluate(unary.Operand, scope)),
            Binary binary => ApplyBinary(binary, scope),
            Comparison comparison => Compare(comparison, scope),
            Conditional conditional => Python.IsTrue(Evaluate(conditional.Condition, scope)) ? Evaluate(conditional.Then, scope)
                : conditional.Else is null ? new Undefined("the condition is false, and there is no else") : Evaluate(conditional.Else, scope),
            _ => throw new InvalidOperationException($"no expression: {node}"),
        };
        Budget.Leave();
        Line = node.Line;
        return value;
    }

    Mapping MappingOf(DictDisplay dict, Scope scope)
    {
        Mapping mapping = new();
        foreach ((Node key, Node value) in dict.Items)
            mapping.Set(Evaluate(key, scope), Evaluate(value, scope));
        return mapping;
    }

    static object ApplyUnary(string sign, object? operand) => sign switch
    {
        "not" => !Python.IsTrue(operand),
        "-" => Negated(operand),
        _ => Python.IsNumber(operand) ? operand! : throw new TemplateError($"'+' does not work on {Python.TypeName(operand)}"),
    };

    static object Negated(object? operand)
    {
        try
        {
            return Python.Negate(operand);
        }
        catch (OverflowException)
        {
            throw new TemplateError("the result of '-' is beyond 64 bits");
        }
    }

    /// <summary>A chain such as <c>a + b + c</c> is a tree that leans to the left: it is gone down in a loop, however long it is.</summary>
    object? ApplyBinary(Binary binary, Scope scope)
    {
        Stack<Binary> chain = [];
        Node first = binary;
        for (; first is Binary link; first = link.Left)
            chain.Push(link);
        object? value = Evaluate(first, scope);
        foreach (Binary link in chain)
        {
            Line = link.Line;
            value = link.Operator switch
            {
                "and" => Python.IsTrue(value) ? Evaluate(link.Right, scope) : value,
                "or" => Python.IsTrue(value) ? value : Evaluate(link.Right, scope),
                "~" => Python.Concatenate(Budget, Python.ToText(value, Budget), Python.ToText(Evaluate(link.Right, scope), Budget)),
                _ => Python.Apply(link.Operator, value, Evaluate(link.Right, scope), Budget),
            };
        }
        return value;
    }

    bool Compare(Comparison comparison, Scope scope)
    {
        object? left = Evaluate(comparison.First, scope);
        foreach ((string sign, Node operand) in comparison.Rest)
        {
            object? right = Evaluate(operand, scope);
            Budget.LookThrough(left);
            Budget.LookThrough(right);
            bool holds = sign switch
            {
                "in" => Python.Contains(right, left),
                "not in" => !Python.Contains(right, left),
                _ => Python.Compare(sign, left, right),
            };
            if (!holds)
                return false;
            left = right;
        }
        return true;
    }

    /// <summary><c>target.name</c>: an attribute, else an item.</summary>
    public object? GetAttribute(object? target, string name)
    {
        if (target is Undefined undefined)
            throw new TemplateError($"{undefined.Description}, so it has no '{name}'");
        if (methods.Find(target, name) is { } method)
            return method;
        switch (target)
        {
            case Mapping mapping:
                return mapping.TryGet(Text.OfTemplate(name), out object? item) ? item : NoSuch(target, name);
            case Namespace space:
                return space.Attributes.TryGetValue(name, out object? value) ? value : NoSuch(target, name);
            case Special special:
                return special.TryGetAttribute(name, out object? attribute) ? attribute : NoSuch(target, name);
            default:
                return NoSuch(target, name);
        }
    }

    /// <summary><c>target[index]</c>: an item, else an attribute.</summary>
    public object? GetItem(object? target, object? index)
    {
        Budget.LookThrough(index);
        if (target is Text)
            Budget.LookThrough(target);
        switch (target, index)
        {
            case (Undefined undefined, _):
                throw new TemplateError($"{undefined.Description}, so it has no items");
            case (Mapping mapping, _) when mapping.TryGet(index, out object? item):
                return item;
            case (Sequence sequence, long or bool):
                long place = Python.Integer(index, "") is var i && i < 0 ? i + sequence.Items.Count : i;
                return place >= 0 && place < sequence.Items.Count ? sequence.Items[(int)place] : new Undefined($"there is no item {i} of {sequence.Items.Count}");
            case (Text text, long or bool):
                return Strings.Character(text, Python.Integer(index, "")) ?? (object)new Undefined("there is no such character");
            case (not null, Text name):
                return target is Mapping && methods.Find(target, name.Value) is null ? NoSuch(target, name.Value) : GetAttribute(target, name.Value);
            default:
                return new Undefined($"{Python.TypeName(target)} has no item {Python.Represent(index)}");
        }
    }

    static Undefined NoSuch(object? target, string name) => new($"{Python.TypeName(target)} has no '{name}'");

    object GetSlice(Slice slice, Scope scope)
    {
        object? target = Evaluate(slice.Target, scope);
        long? Bound(Node? node) => node is null || Evaluate(node, scope) is not { } value ? null : Python.Integer(value, "a bound of a slice");
        long? start = Bound(slice.Start), stop = Bound(slice.Stop);
        long step = Bound(slice.Step) ?? 1;
        if (step == 0)
            throw new TemplateError("the step of a slice cannot be 0");
        Budget.LookThrough(target);
        return target switch
        {
            Text text => Strings.Slice(text, start, stop, step, Budget),
            Sequence sequence => new Sequence([.. Indices(sequence.Items.Count, start, stop, step, Budget).Select(i => sequence.Items[i])], sequence.IsTuple),
            Undefined undefined => throw new TemplateError($"{undefined.Description}, so it cannot be sliced"),
            _ => throw new TemplateError($"{Python.TypeName(target)} cannot be sliced"),
        };
    }

    /// <summary>The indices of a slice of something with so many items, as Python counts them.</summary>
    public static List<int> Indices(int count, long? start, long? stop, long step, Budget budget)
    {
        long first = step > 0 ? 0 : -1, last = step > 0 ? count : count - 1;
        long Clamp(long? bound, long otherwise) => bound is not { } b ? otherwise : Math.Clamp(b < 0 ? b + count : b, first, last);
        long from = Clamp(start, step > 0 ? first : last), to = Clamp(stop, step > 0 ? last : first);
        List<int> indices = [];
        for (long i = from; step > 0 ? i < to : i > to; i += Math.Clamp(step, -int.MaxValue, int.MaxValue))
            indices.Add((int)i);
        budget.Step(indices.Count);
        return indices;
    }

    object? CallFunction(Call call, Scope scope, Function? caller)
    {
        object? target = Evaluate(call.Target, scope);
        Arguments arguments = ArgumentsOf(call.Arguments, scope);
        if (caller is not null)
            arguments.Named["caller"] = caller;
        Line = call.Line;
        return Invoke(target, arguments);
    }

    /// <summary>Calls a value.</summary>
    public static object? Invoke(object? target, Arguments arguments) => target switch
    {
        Function function => function.Call(arguments),
        Undefined undefined => throw new TemplateError($"{undefined.Description}, so it cannot be called"),
        _ => throw new TemplateError($"{Python.TypeName(target)} cannot be called"),
    };

    Arguments ArgumentsOf(CallArguments call, Scope scope)
    {
        List<object?> positional = [.. call.Positional.Select(p => Evaluate(p, scope))];
        if (call.More is not null)
            positional.AddRange(Python.Iterate(Evaluate(call.More, scope), Budget));
        Dictionary<string, object?> named = [];
        foreach ((string name, Node value) in call.Named)
            if (!named.TryAdd(name, Evaluate(value, scope)))
                throw new TemplateError($"the argument '{name}' is given twice");
        if (call.MoreNamed is not null)
        {
            if (Evaluate(call.MoreNamed, scope) is not Mapping mapping)
                throw new TemplateError("'**' needs a dictionary");
            foreach ((object key, object? value) in mapping.Items)
                if (key is not Text name || !named.TryAdd(name.Value, value))
                    throw new TemplateError("'**' needs a dictionary with names that are not given already");
        }
        return new Arguments(positional, named);
    }

    /// <summary>The filters of a block, the innermost of which has no target of its own.</summary>
    object? ApplyFilters(Filter filter, object? value, Scope scope) =>
        ApplyFilter(filter, filter.Target is Filter inner ? ApplyFilters(inner, value, scope) : value, scope);

    object? ApplyFilter(Filter filter, object? value, Scope scope)
    {
        Arguments arguments = ArgumentsOf(filter.Arguments, scope);
        Line = filter.Line;
        return filters.Apply(filter.Identifier, value, arguments);
    }

    bool ApplyTest(Test test, Scope scope)
    {
        object? value = Evaluate(test.Target, scope);
        Arguments arguments = ArgumentsOf(test.Arguments, scope);
        Line = test.Line;
        return tests.Apply(test.Identifier, value, arguments);
    }
}
