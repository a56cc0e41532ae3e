using Fathom.Models.Layers;
using Fathom.Models.Verification;
using DecoderModel model = DecoderModel.Load(args[0]);
foreach (Check c in ModelVerifier.Run(model, args[1]))
    if (!c.Passed || args.Length > 2) Console.WriteLine(c);
return 0;
