// A model inside an ASP.NET application: GET /ask?question=… streams the answer. Usage: dotnet run --project samples/AspNetCore -- MODEL [--urls http://localhost:5000]
using Fathom.ChatClient;
using Fathom.Inference;
using Microsoft.Extensions.AI;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args[1..]);
builder.Services.AddSingleton(_ => ChatModel.Open(args[0]));
builder.Services.AddSingleton(services => new InferenceEngine(services.GetRequiredService<ChatModel>().Model, services.GetRequiredService<ChatModel>().Tokenizer));
builder.Services.AddSingleton<IChatClient, EngineChatClient>();
WebApplication app = builder.Build();
app.MapGet("/ask", (string question, IChatClient client, CancellationToken aborted) => TypedResults.ServerSentEvents(
    client.GetStreamingResponseAsync(question, new ChatOptions { MaxOutputTokens = 200 }, aborted).Select(update => update.Text)));
app.Run();
