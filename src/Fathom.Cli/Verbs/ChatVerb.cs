// `fathom chat`: a conversation, on a terminal or through a pipe.
using System.CommandLine;
using Fathom.Inference;
using Fathom.Text.Templates;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>chat</c>.</summary>
static class ChatVerb
{
    const string Exit = "/exit", Clear = "/clear";

    static readonly Option<string?> s_system = new("--system") { Description = "Instructions that hold for the whole conversation.", HelpName = "TEXT" };

    static readonly Option<int?> s_turns = new Option<int?>("--turns")
    {
        Description = "Earlier exchanges that the model sees. Default: all; none for a run's model, which was trained on single questions.",
        HelpName = "N",
    }.AtLeast(0);

    static readonly Option<long> s_seed = CommonOptions.Seed("of the sampling");

    public static Verb Create()
    {
        Verb verb = new(
            "chat", $"Talks with a model: reasoning dimmed, answer plain. One line is one message; {Clear} forgets the conversation, {Exit} or the end of the input ends it.",
            "chat runs/nano-r1",
            "chat runs/nano-r1 --temperature 0",
            "chat runs/nano-r1 < questions.txt")
        {
            CommonOptions.Model, s_system, s_turns, s_seed, CommonOptions.Store, CommonOptions.Threads,
        };
        var sampling = new SamplingFlags(verb, topP: 0.95f, maxTokens: 512);
        var engine = new EngineFlags(verb);
        return verb.Does(parsed => Run(parsed, sampling, engine));
    }

    static int Run(ParseResult parsed, SamplingFlags flags, EngineFlags engineFlags)
    {
        using OpenModel model = OpenModel.Load(parsed.GetValue(CommonOptions.Model)!);
        SamplingOptions options = flags.Read(parsed, model);
        int turns = parsed.GetValue(s_turns) ?? (model.Location.RunFolder is null ? int.MaxValue : 0);
        ChatMessage[] system = parsed.GetValue(s_system) is { } text ? [new ChatMessage(ChatRole.System, text)] : [];
        ulong seed = (ulong)parsed.GetValue(s_seed);
        // Refuses a model without a chat format before the first question, not after it.
        _ = model.Format;
        using StartedEngine started = engineFlags.Start(parsed, model, sequences: 1);

        bool person = !Console.IsInputRedirected;
        if (person)
            Console.Out.WriteLine($"{Exit} ends, {Clear} forgets.{(turns == 0 ? " Each question stands alone; --turns shows the model earlier ones." : "")}");
        List<ChatMessage> history = [];
        for (int asked = 0; ReadLine(person) is { } line && line != Exit;)
        {
            if (line == Clear)
                history.Clear();
            if (line is Clear or "")
                continue;
            history = [.. Latest(history, turns), new ChatMessage(ChatRole.User, line)];
            ModelPrompt prompt = Fit(model, system, history, options);
            if (prompt.Ids.Length >= model.Model.Config.MaxPositionEmbeddings)
            {
                Console.Error.WriteLine($"fathom: that is {prompt.Ids.Length} tokens with the chat marks; the model's context holds {model.Model.Config.MaxPositionEmbeddings}. Ask something shorter.");
                history.Clear();
                continue;
            }
            using var interruption = new Interruption();
            Completion completion = AnswerStream.Write(
                started.Engine, new GenerationRequest(prompt.Ids, options, SampleSeed.Of(seed, asked++, 0)), model, prompt.OpensReasoning, () => !interruption.Requested);
            history.Add(new ChatMessage(ChatRole.Assistant, completion.Text(model.Tokenizer, model.StopIds)));
        }
        return Endings.Fine;
    }

    static string? ReadLine(bool person)
    {
        if (person)
            Console.Out.Write("> ");
        return Console.In.ReadLine()?.Trim();
    }

    static List<ChatMessage> Latest(List<ChatMessage> history, int turns) =>
        turns >= history.Count / 2 ? history : history.GetRange(history.Count - 2 * turns, 2 * turns);

    // The oldest exchanges give way when the context has no room for an answer.
    static ModelPrompt Fit(OpenModel model, ChatMessage[] system, List<ChatMessage> history, SamplingOptions options)
    {
        int room = model.Model.Config.MaxPositionEmbeddings;
        while (true)
        {
            ModelPrompt prompt = model.Prompt([.. system, .. history]);
            if (history.Count == 1 || prompt.Ids.Length + options.MaxNewTokens <= room)
                return prompt;
            history.RemoveRange(0, 2);
        }
    }
}
