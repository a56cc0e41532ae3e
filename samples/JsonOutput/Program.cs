// An answer that is JSON of a given shape, whatever the model would rather write. Usage: dotnet run --project samples/JsonOutput -- MODEL QUESTION
using Fathom.Inference;
using Fathom.Inference.Constraints;
using Fathom.Text.Templates;

using ChatModel model = ChatModel.Open(args[0]);
using InferenceEngine engine = new(model.Model, model.Tokenizer);

TokenConstraint shape = TokenConstraint.FromJsonSchema("""
    {"type": "object", "properties": {"answer": {"type": "integer", "minimum": 0, "maximum": 999}, "certain": {"type": "boolean"}}, "required": ["answer", "certain"]}
    """, model.Vocabulary);
ModelPrompt prompt = model.Prompt(Conversation.Of([new ChatMessage(ChatRole.User, args[1])]) with { Thinking = false });
Completion completion = engine.Generate(new GenerationRequest(prompt.Ids, model.Options with { Constraint = shape }, Seed: 1));
Console.WriteLine(completion.Text(model.Tokenizer, model.StopIds));
