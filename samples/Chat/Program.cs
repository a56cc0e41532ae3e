// A conversation, a line for each turn; an empty line ends it. Usage: dotnet run --project samples/Chat -- MODEL
using Fathom.Inference;
using Fathom.Text.Templates;

using ChatModel model = ChatModel.Open(args[0]);
using InferenceEngine engine = new(model.Model, model.Tokenizer);

List<ChatMessage> turns = [];
while (Console.ReadLine() is { Length: > 0 } line)
{
    turns.Add(new ChatMessage(ChatRole.User, line));
    // What was computed for the earlier turns is still in the cache.
    Completion answer = engine.Generate(new GenerationRequest(model.Prompt(turns).Ids, model.Options with { MaxNewTokens = 200 }, Seed: 1));
    turns.Add(new ChatMessage(ChatRole.Assistant, answer.Text(model.Tokenizer, model.StopIds)));
    Console.WriteLine(turns[^1].Content);
}
