// A model behind IChatClient, its reasoning apart from its answer. Usage: dotnet run --project samples/ChatClient -- MODEL QUESTION
using Fathom.ChatClient;
using Fathom.Inference;
using Microsoft.Extensions.AI;

using ChatModel model = ChatModel.Open(args[0]);
using InferenceEngine engine = new(model.Model, model.Tokenizer);
using IChatClient client = new EngineChatClient(model, engine);

ChatResponse response = await client.GetResponseAsync(args[1], new ChatOptions { MaxOutputTokens = 200, Seed = 1 });
foreach (TextReasoningContent thought in response.Messages[0].Contents.OfType<TextReasoningContent>())
    Console.WriteLine($"({thought.Text})");
Console.WriteLine(response.Text);
