// Cutting prompts: every row is attended in the same order whether a prompt is computed whole or behind a hit of any size.
using Fathom.Inference.Scheduling;
using Fathom.Models.Layers;

namespace Fathom.Inference.Tests.Scheduling;

public sealed class PromptGridTests
{
    // Whether each token of a prompt is attended absorbed, computed from `hit` on; null where it was taken over.
    static bool?[] Orders(PromptGrid grid, int hit, int prompt)
    {
        var absorbed = new bool?[prompt];
        for (int from = hit; from < prompt;)
        {
            int end = grid.PieceEnd(from, prompt, prompt);
            Assert.InRange(end, from + 1, prompt);
            for (int i = from; i < end; i++)
                absorbed[i] = end - from < LatentAttention.AbsorbedTokenLimit;
            from = end;
        }
        return absorbed;
    }

    [Fact]
    public void Latent_BehindAnyHit_RowsAreAttendedAsInTheWholePrompt()
    {
        var grid = new PromptGrid(latent: true);
        int shortened = 0;
        for (int prompt = 1; prompt <= 1700; prompt += prompt % 64 == 63 ? 1 : 3)
        {
            bool?[] whole = Orders(grid, 0, prompt);
            // What others may take over was attended expanded.
            for (int i = 0; i < grid.Shareable(prompt, prompt); i++)
                Assert.False(whole[i]);
            for (int found = 0; found <= prompt; found += KvCache.BlockLength)
            {
                int hit = grid.Usable(found, prompt);
                Assert.InRange(hit, 0, Math.Min(found, prompt - 1));
                Assert.Equal(0, hit % KvCache.BlockLength);
                bool?[] rest = Orders(grid, hit, prompt);
                for (int i = 0; i < prompt; i++)
                {
                    if (i < hit ? whole[i] != false : rest[i] != whole[i])
                        Assert.Fail($"prompt {prompt}, found {found}, hit {hit}, token {i}");
                }
                shortened += hit < found ? 1 : 0;
                // Never more than a piece is lost.
                Assert.True(found - hit <= KvCache.PromptGrid);
            }
        }
        Assert.True(shortened > 100);
    }

    [Fact]
    public void GroupedQuery_TakesAllButTheLastToken()
    {
        var grid = new PromptGrid(latent: false);
        Assert.Equal(64, grid.Usable(128, 128));
        Assert.Equal(128, grid.Usable(128, 129));
        Assert.Equal(640, grid.Usable(640, 700));
        Assert.Equal(77, grid.Shareable(20, 77));
    }

    [Fact]
    public void PieceEnd_OfGeneratedTokens_IsShortEnoughToBeAbsorbed()
    {
        var grid = new PromptGrid(latent: true);
        Assert.Equal(100, grid.PieceEnd(0, 100, 900));
        for (int from = 100; from < 900;)
        {
            int end = grid.PieceEnd(from, 100, 900);
            Assert.InRange(end - from, 1, LatentAttention.AbsorbedTokenLimit - 1);
            from = end;
        }
    }
}
