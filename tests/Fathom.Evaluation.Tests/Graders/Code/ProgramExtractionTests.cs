using Fathom.Evaluation.Graders.Code;

namespace Fathom.Evaluation.Tests.Graders.Code;

public class ProgramExtractionTests
{
    [Theory]
    [InlineData("print(1)", "print(1)")]
    [InlineData("So:\n```python\nprint(1)\n```\nDone.", "print(1)")]
    [InlineData("```python\nfirst\n```\n```python\nsecond\n```", "second")]
    [InlineData("```python\nprogram\n```\nOutput:\n```\n42\n```", "program")]
    [InlineData("```\nunmarked\n```", "unmarked")]
    [InlineData("```cpp\nint main\n```", "")]
    [InlineData("```Python3 title=\"a\"\nx = 1\n\ny = 2\n```", "x = 1\n\ny = 2")]
    [InlineData("~~~py\na\n~~~", "a")]
    [InlineData("````python\ns = '''\n```\n'''\n````", "s = '''\n```\n'''")]
    [InlineData("```python\nnever closed\nmore", "never closed\nmore")]
    [InlineData("  ```python\n  indented\n  ```", "  indented")]
    [InlineData("```python\r\nline\r\n```\r\n", "line")]
    [InlineData("inline ```code``` only", "inline ```code``` only")]
    [InlineData("```inline``` starts\ntext", "```inline``` starts\ntext")]
    [InlineData("", "")]
    public void PythonPrograms(string response, string program) => Assert.Equal(program, ProgramExtraction.Extract(response, ProgramLanguage.Python));

    [Theory]
    [InlineData("```csharp\nint x;\n```\n```python\nno\n```", "int x;")]
    [InlineData("```c#\nint x;\n```", "int x;")]
    [InlineData("```cs\nint x;\n```", "int x;")]
    public void CSharpPrograms(string response, string program) => Assert.Equal(program, ProgramExtraction.Extract(response, ProgramLanguage.CSharp));
}
