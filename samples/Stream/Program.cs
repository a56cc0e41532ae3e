// Shows an answer while it is generated. Usage: dotnet run --project samples/Stream -- MODEL QUESTION
using Fathom.Inference;
using Fathom.Text.Tokenizers;

using ChatModel model = ChatModel.Open(args[0]);
using InferenceEngine engine = new(model.Model, model.Tokenizer);
StreamingDecoder decoder = new(model.Tokenizer, skipSpecials: true);

TokenStream stream = engine.Submit(new GenerationRequest(model.Prompt(args[1]).Ids, model.Options with { MaxNewTokens = 200 }, Seed: 1));
await foreach (GeneratedToken token in stream)
    Console.Write(decoder.Append(token.Id));
Console.WriteLine(decoder.Flush());
