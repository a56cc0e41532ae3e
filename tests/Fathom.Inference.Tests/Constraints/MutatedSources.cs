// What random and mutated sources of constraints must do: work for some steps, or be refused with the typed error; nothing else.
using Fathom.Inference.Constraints;

namespace Fathom.Inference.Tests.Constraints;

sealed class MutatedSources(Random random)
{
    /// <summary>Sources that compiled and could be walked along.</summary>
    public int Worked { get; private set; }

    /// <summary>Sources that a <see cref="ConstraintException"/> refused.</summary>
    public int Refused { get; private set; }

    /// <summary>Compiles a source and follows its masks for five steps.</summary>
    public void Try(string source, Func<string, TokenConstraint> compile)
    {
        try
        {
            ConstraintState state = compile(source).Start();
            for (int step = 0; step < 5 && !state.HasEnded; step++)
            {
                List<int> allowed = MaskTests.Allowed(state.AllowedTokens);
                Assert.True(state.Accept(allowed[random.Next(allowed.Count)]));
            }
            Worked++;
        }
        catch (ConstraintException)
        {
            Refused++;
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            Assert.Fail($"{source}: {e}");
        }
    }
}
