// The words of LaTeX and plain notation that the reader knows.
using System.Collections.Frozen;

namespace Fathom.Evaluation.Graders.Mathematics;

/// <summary>Names and what they mean.</summary>
internal static class Vocabulary
{
    // Functions and constants, by every name they are written with.
    static readonly FrozenDictionary<string, string> commands = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["sin"] = "sin",
        ["cos"] = "cos",
        ["tan"] = "tan",
        ["tg"] = "tan",
        ["cot"] = "cot",
        ["ctg"] = "cot",
        ["sec"] = "sec",
        ["csc"] = "csc",
        ["cosec"] = "csc",
        ["arcsin"] = "arcsin",
        ["arccos"] = "arccos",
        ["arctan"] = "arctan",
        ["arctg"] = "arctan",
        ["asin"] = "arcsin",
        ["acos"] = "arccos",
        ["atan"] = "arctan",
        ["arccot"] = "arccot",
        ["sinh"] = "sinh",
        ["cosh"] = "cosh",
        ["tanh"] = "tanh",
        ["ln"] = "ln",
        ["log"] = "log",
        ["lg"] = "lg",
        ["exp"] = "exp",
        ["sqrt"] = "sqrt",
        ["cbrt"] = "cbrt",
        ["abs"] = "abs",
        ["floor"] = "floor",
        ["ceil"] = "ceil",
        ["gcd"] = "gcd",
        ["lcm"] = "lcm",
        ["max"] = "max",
        ["min"] = "min",
        ["sgn"] = "sgn",
        ["sign"] = "sgn",
        ["Re"] = "re",
        ["Im"] = "im",
        ["arg"] = "arg",
        ["cis"] = "cis",
        ["binom"] = "binom",
        ["dbinom"] = "binom",
        ["tbinom"] = "binom",
        ["choose"] = "choose",
        ["frac"] = "frac",
        ["dfrac"] = "frac",
        ["tfrac"] = "frac",
        ["cfrac"] = "frac",
        ["nicefrac"] = "frac",
        ["sfrac"] = "frac",
        ["pi"] = "pi",
        ["Pi"] = "pi",
        ["infty"] = "infinity",
        ["infinity"] = "infinity",
        ["Infinity"] = "infinity",
        ["inf"] = "infinity",
        ["oo"] = "infinity",
        ["emptyset"] = "emptyset",
        ["varnothing"] = "emptyset",
        ["deg"] = "circ",
        ["degree"] = "circ",
        ["circ"] = "circ",
        ["degrees"] = "circ",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    static readonly FrozenSet<string> functions = new[]
    {
        "sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "arccot", "sinh", "cosh", "tanh", "ln", "log", "lg", "exp", "sqrt", "cbrt",
        "abs", "floor", "ceil", "gcd", "lcm", "max", "min", "sgn", "re", "im", "arg", "cis",
    }.ToFrozenSet(StringComparer.Ordinal);

    static readonly FrozenDictionary<string, string> symbols = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["cdot"] = "*",
        ["times"] = "*",
        ["ast"] = "*",
        ["bullet"] = "*",
        ["div"] = "/",
        ["pm"] = "+-",
        ["mp"] = "-+",
        ["le"] = "<=",
        ["leq"] = "<=",
        ["leqslant"] = "<=",
        ["leqq"] = "<=",
        ["ge"] = ">=",
        ["geq"] = ">=",
        ["geqslant"] = ">=",
        ["geqq"] = ">=",
        ["lt"] = "<",
        ["gt"] = ">",
        ["ne"] = "!=",
        ["neq"] = "!=",
        ["approx"] = "~",
        ["simeq"] = "~",
        ["sim"] = "~",
        ["doteq"] = "~",
        ["equiv"] = "==",
        ["in"] = "in",
        ["mid"] = "|",
        ["vert"] = "|",
        ["lvert"] = "|",
        ["rvert"] = "|",
        ["Vert"] = "||",
        ["lVert"] = "||",
        ["rVert"] = "||",
        ["cup"] = "cup",
        ["cap"] = "cap",
        ["setminus"] = "\\",
        ["backslash"] = "\\",
        ["colon"] = ":",
        ["lbrace"] = "\\{",
        ["rbrace"] = "\\}",
        ["lbrack"] = "[",
        ["rbrack"] = "]",
        ["langle"] = "(",
        ["rangle"] = ")",
        ["lparen"] = "(",
        ["rparen"] = ")",
        ["lfloor"] = "lfloor",
        ["rfloor"] = "rfloor",
        ["lceil"] = "lceil",
        ["rceil"] = "rceil",
        ["prime"] = "'",
        ["land"] = ",",
        ["lor"] = ",",
        ["wedge"] = ",",
        ["vee"] = ",",
        ["implies"] = "=>",
        ["Rightarrow"] = "=>",
        ["Longrightarrow"] = "=>",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    static readonly FrozenSet<string> layout = new[]
    {
        "left", "right", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr", "Biggl", "Biggr", "middle", "displaystyle", "textstyle", "scriptstyle", "limits", "nolimits",
        "quad", "qquad", "thinspace", "medspace", "thickspace", "negthinspace", "enspace", "hspace", "vspace", "phantom", "hphantom", "vphantom", "nonumber", "notag", "boxed", "fbox", "framebox", "rm", "bf", "it", "normalsize", "large", "Large", "small", "hline", "cline", "kern", "mkern",
        "displaylimits", "mathstrut", "strut", "null", "relax", "cancel", "underline", "ensuremath",
    }.ToFrozenSet(StringComparer.Ordinal);

    static readonly FrozenSet<string> fonts = new[]
    {
        "text", "mbox", "hbox", "textbf", "textrm", "textit", "textsf", "texttt", "textnormal", "textup", "emph", "mathrm", "mathbf", "mathit", "mathsf", "mathtt", "mathcal", "mathbb", "mathfrak", "mathscr", "operatorname", "boldsymbol", "bm", "pmb", "textcolor", "unit", "math",
    }.ToFrozenSet(StringComparer.Ordinal);

    static readonly FrozenSet<string> greek = new[]
    {
        "alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "zeta", "eta", "theta", "vartheta", "iota", "kappa", "lambda", "mu", "nu", "xi", "rho", "varrho", "sigma", "varsigma", "tau", "upsilon", "phi", "varphi", "chi", "psi", "omega",
        "Gamma", "Delta", "Theta", "Lambda", "Xi", "Sigma", "Upsilon", "Phi", "Psi", "Omega", "hbar", "ell", "partial", "nabla",
    }.ToFrozenSet(StringComparer.Ordinal);

    // Words of two or three letters that are no products of variables.
    static readonly FrozenSet<string> shortWords = new[]
    {
        "yes", "no", "odd", "has", "had", "was", "are", "can", "its", "get", "our", "you", "and", "but", "pct", "cts", "red", "the", "for", "all", "one", "two", "six", "ten", "day", "man", "men", "boy", "her", "his", "she", "per", "am", "pm", "mon", "tue", "wed", "thu", "fri", "sat", "sun",
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "dne", "car", "cat", "dog", "egg", "pen", "pie", "bus", "way", "box", "bag", "cup", "hen", "cow", "pig", "ant", "bee", "fly", "not", "any", "new", "old", "big", "low", "top", "sum", "usd", "rs",
        "who", "how", "tom", "ben", "sam", "amy", "ann", "bob", "dan", "jim", "joe", "kim", "lee", "leo", "max", "mia", "pat", "ray", "ron", "roy", "sue", "ted", "tim", "zoe", "eve", "ava", "ian", "jon", "liz", "meg", "ned", "rob", "wes", "zac",
    }.ToFrozenSet(StringComparer.Ordinal);

    static readonly FrozenDictionary<char, string> unicode = new Dictionary<char, string>
    {
        ['×'] = "*",
        ['·'] = "*",
        ['⋅'] = "*",
        ['∙'] = "*",
        ['∗'] = "*",
        ['÷'] = "/",
        ['∕'] = "/",
        ['⁄'] = "/",
        ['−'] = "-",
        ['–'] = "-",
        ['—'] = "-",
        ['‐'] = "-",
        ['‑'] = "-",
        ['－'] = "-",
        ['＋'] = "+",
        ['＝'] = "=",
        ['±'] = "\\pm",
        ['∓'] = "\\mp",
        ['≤'] = "<=",
        ['⩽'] = "<=",
        ['≥'] = ">=",
        ['⩾'] = ">=",
        ['≠'] = "!=",
        ['≈'] = "\\approx",
        ['∼'] = "\\sim",
        ['∈'] = "\\in",
        ['∪'] = "\\cup",
        ['∩'] = "\\cap",
        ['∞'] = "\\infinity",
        ['∅'] = "\\emptyset",
        ['√'] = "\\sqrt",
        ['π'] = "\\pi",
        ['α'] = "\\alpha",
        ['β'] = "\\beta",
        ['γ'] = "\\gamma",
        ['δ'] = "\\delta",
        ['θ'] = "\\theta",
        ['λ'] = "\\lambda",
        ['μ'] = "\\mu",
        ['µ'] = "\\mu",
        ['ρ'] = "\\rho",
        ['σ'] = "\\sigma",
        ['τ'] = "\\tau",
        ['φ'] = "\\phi",
        ['ω'] = "\\omega",
        ['Δ'] = "\\Delta",
        ['Ω'] = "\\Omega",
        ['°'] = "\\circ",
        ['º'] = "\\circ",
        ['′'] = "'",
        ['’'] = "'",
        ['²'] = "^2",
        ['³'] = "^3",
        ['¹'] = "^1",
        ['½'] = " 1/2",
        ['⅓'] = " 1/3",
        ['⅔'] = " 2/3",
        ['¼'] = " 1/4",
        ['¾'] = " 3/4",
        ['⅕'] = " 1/5",
        ['⅛'] = " 1/8",
        ['，'] = ",",
        ['、'] = ",",
        ['；'] = ";",
        ['：'] = ":",
        ['（'] = "(",
        ['）'] = ")",
        ['［'] = "[",
        ['］'] = "]",
        ['％'] = "%",
        ['⟨'] = "(",
        ['⟩'] = ")",
        ['ℝ'] = "R",
        ['∣'] = "|",
        ['∖'] = "\\setminus",
        ['⌊'] = "\\lfloor",
        ['⌋'] = "\\rfloor",
        ['⌈'] = "\\lceil",
        ['⌉'] = "\\rceil",
    }.ToFrozenDictionary();

    static readonly string[] functionsBeforeLetters = ["arcsin", "arccos", "arctan", "sqrt", "sin", "cos", "tan", "cot", "sec", "csc", "log", "exp", "ln"];

    /// <summary>The one name of a function, constant or structure, or null.</summary>
    public static string? Command(string name) => commands.GetValueOrDefault(name);

    /// <summary>Whether a command is a function of one argument list.</summary>
    public static bool IsFunction(string command) => functions.Contains(command);

    /// <summary>The operator a command stands for, or null.</summary>
    public static string? Symbol(string command) => symbols.GetValueOrDefault(command);

    /// <summary>Whether a command changes only the look of what follows.</summary>
    public static bool IsLayout(string command) => layout.Contains(command);

    /// <summary>Whether a command sets the font of its argument.</summary>
    public static bool IsFont(string command) => fonts.Contains(command);

    /// <summary>Whether a command is a letter.</summary>
    public static bool IsGreek(string command) => greek.Contains(command);

    /// <summary>Whether two or three letters are a word.</summary>
    public static bool IsWord(string lower) => shortWords.Contains(lower);

    /// <summary>What a character outside of ASCII is written as, or null.</summary>
    public static string? Unicode(char c) => unicode.GetValueOrDefault(c);

    /// <summary>The function that a run of letters begins with where one or two letters follow it (<c>sinx</c>, <c>lnxy</c>), or null.</summary>
    public static string? SplitFunction(string run)
    {
        foreach (string function in functionsBeforeLetters)
        {
            if (run.StartsWith(function, StringComparison.Ordinal) && run.Length - function.Length is 1 && run[^1] is 'x' or 'y' or 't' or 'A' or 'B' or 'C' or 'a' or 'b' or 'n' or 'z')
                return function;
        }
        return null;
    }
}
