using Fathom.Models.Layers;
using Fathom.Models.Verification;
using Fathom.Training.Recipes;
using Fathom.Training.Runs;
if (args[0] == "train")
{
    Recipe recipe = RecipeFile.Load(args[1]);
    using RunFolder run = Directory.Exists(args[2]) ? RunFolder.Resume(args[2], recipe) : RunFolder.Create(args[2], recipe);
    var lines = new ProgressLines(Console.Out, TimeSpan.FromSeconds(3));
    using var runner = new RecipeRunner(run, lines.Report);
    Console.WriteLine(runner.Run().ToJson());
    return 0;
}
using DecoderModel model = DecoderModel.Load(args[0]);
foreach (Check c in ModelVerifier.Run(model, args[1]))
    if (!c.Passed || args.Length > 2) Console.WriteLine(c);
return 0;
