// Asks a model one question. Usage: dotnet run --project samples/Generate -- MODEL QUESTION
using Fathom.Inference;

using ChatModel model = ChatModel.Open(args[0]);
using InferenceEngine engine = new(model.Model, model.Tokenizer);

ModelPrompt prompt = model.Prompt(args[1]);
Completion completion = engine.Generate(new GenerationRequest(prompt.Ids, model.Options with { Temperature = 0.6f, MaxNewTokens = 200 }, Seed: 1));

Console.WriteLine(completion.Text(model.Tokenizer, model.StopIds));
