// Lines of JSON in and out.
using System.Buffers;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Fathom.CodeHost;

/// <summary>The grader's channel: descriptor 3 in, descriptor 4 out.</summary>
sealed class Channel
{
    readonly StreamReader _requests = new(new FileStream(new SafeFileHandle(3, ownsHandle: true), FileAccess.Read, bufferSize: 0));
    readonly FileStream _responses = new(new SafeFileHandle(4, ownsHandle: true), FileAccess.Write, bufferSize: 0);

    /// <summary>The next request; null at the end.</summary>
    public JsonElement? Receive()
    {
        if (_requests.ReadLine() is not { } line)
            return null;
        using JsonDocument document = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 1024 });
        return document.RootElement.Clone();
    }

    /// <summary>Sends an answer.</summary>
    public void Send(Action<Utf8JsonWriter> properties)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer, new JsonWriterOptions { MaxDepth = 1024 }))
        {
            writer.WriteStartObject();
            properties(writer);
            writer.WriteEndObject();
        }
        buffer.Write("\n"u8);
        _responses.Write(buffer.WrittenSpan);
    }
}
