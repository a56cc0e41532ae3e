// One answer, shown while it is generated.
using Fathom.Inference;
using Fathom.Text.Tokenizers;

namespace Fathom.Cli;

/// <summary>Generation that a person watches.</summary>
static class AnswerStream
{
    /// <summary>Generates an answer and writes it to the standard output as it comes.</summary>
    /// <param name="engine">Generates.</param>
    /// <param name="request">What.</param>
    /// <param name="model">Whose tokenizer and stop tokens hold.</param>
    /// <param name="reasons">Whether the answer begins inside its reasoning.</param>
    /// <param name="goOn">Asked at every token; false ends the answer.</param>
    public static Completion Write(InferenceEngine engine, GenerationRequest request, OpenModel model, bool reasons, Func<bool> goOn)
    {
        var writer = new AnswerWriter(Console.Out, Terminal.HasStyles, reasons, request.Options.StopStrings);
        var decoder = new StreamingDecoder(model.Tokenizer);
        Completion completion = engine.Generate(request, token =>
        {
            if (!model.StopIds.Contains(token.Id))
                writer.Append(decoder.Append(token.Id));
            return goOn();
        });
        writer.Finish(completion.Text(model.Tokenizer, model.StopIds));
        return completion;
    }
}
