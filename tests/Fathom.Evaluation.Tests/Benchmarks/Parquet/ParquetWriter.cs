// A small writer of Parquet files with pages of version 1, for tests: it knows nothing of the reader's code.
using System.IO.Compression;
using System.Text;

namespace Fathom.Evaluation.Tests.Benchmarks.Parquet;

/// <summary>A column: its path in the schema, its type, and its entries with their levels.</summary>
sealed record WrittenColumn(string Path, int Type, int MaxRepetition, int MaxDefinition, IReadOnlyList<(int Repetition, int Definition, object? Value)> Entries)
{
    public bool Dictionary { get; init; }

    /// <summary>Whether levels are written as runs wherever they are equal, rather than bit-packed.</summary>
    public bool Levels { get; init; }

    public int ValuesPerPage { get; init; } = int.MaxValue;
}

/// <summary>Writes one row group.</summary>
static class ParquetWriter
{
    public const int Boolean = 0, Int32 = 1, Int64 = 2, Float = 4, Double = 5, ByteArray = 6, FixedLength = 7;

    /// <param name="schema">Elements in depth-first order behind the root: name, repetition, type (-1 for groups), children, converted type (-1 for none), length, scale.</param>
    /// <param name="rootChildren">Fields of the root.</param>
    /// <param name="columns">One for each leaf.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="codec">0 none, 1 Snappy (literals only), 2 gzip, 4 Brotli.</param>
    public static byte[] Write((string Name, int Repetition, int Type, int Children, int Converted, int Length, int Scale)[] schema, int rootChildren, WrittenColumn[] columns, int rows, int codec)
    {
        using var file = new MemoryStream();
        file.Write("PAR1"u8);
        List<(WrittenColumn Column, long Start, long Data, long Size)> chunks = [];
        foreach (WrittenColumn column in columns)
        {
            long start = file.Position, data = start;
            object[] distinct = [.. column.Entries.Where(entry => entry.Value is not null).Select(entry => entry.Value!).Distinct()];
            if (column.Dictionary)
            {
                WritePage(file, codec, 2, Plain(column.Type, distinct), thrift => thrift.Struct(7, inner => inner.Int(1, distinct.Length).Int(2, 0)));
                data = file.Position;
            }
            foreach ((int, int, object?)[] page in column.Entries.Chunk(column.ValuesPerPage))
            {
                byte[] content = [.. Levels(page.Select(entry => entry.Item1), column.MaxRepetition, column.Levels), .. Levels(page.Select(entry => entry.Item2), column.MaxDefinition, column.Levels), .. Values(column, distinct, page)];
                WritePage(file, codec, 0, content, thrift => thrift.Struct(5, inner => inner.Int(1, page.Length).Int(2, column.Dictionary ? 8 : 0).Int(3, 3).Int(4, 3)));
            }
            chunks.Add((column, start, data, file.Position - start));
        }

        var footer = new Thrift();
        footer.Int(1, 1);
        footer.List(2, schema.Length + 1, (i, element) =>
        {
            if (i == 0)
            {
                element.Text(4, "root").Int(5, rootChildren);
                return;
            }
            (string name, int repetition, int type, int children, int converted, int length, int scale) = schema[i - 1];
            if (type >= 0)
                element.Int(1, type);
            if (length > 0)
                element.Int(2, length);
            element.Int(3, repetition).Text(4, name);
            if (children > 0)
                element.Int(5, children);
            if (converted >= 0)
                element.Int(6, converted);
            if (scale > 0)
                element.Int(7, scale);
        });
        footer.Long(3, rows);
        footer.List(4, 1, (_, group) =>
        {
            group.List(1, chunks.Count, (i, chunk) =>
            {
                (WrittenColumn column, long start, long data, long size) = chunks[i];
                chunk.Long(2, start).Struct(3, meta =>
                {
                    meta.Int(1, column.Type).Texts(3, column.Path.Split('.')).Int(4, codec).Long(5, column.Entries.Count).Long(6, size).Long(7, size).Long(9, data);
                    if (column.Dictionary)
                        meta.Long(11, start);
                });
            });
            group.Long(2, 0).Long(3, rows);
        });
        byte[] bytes = footer.End();
        file.Write(bytes);
        file.Write(BitConverter.GetBytes(bytes.Length));
        file.Write("PAR1"u8);
        return file.ToArray();
    }

    static void WritePage(MemoryStream file, int codec, int type, byte[] content, Action<Thrift> header)
    {
        byte[] packed = Pack(codec, content);
        var head = new Thrift();
        head.Int(1, type).Int(2, content.Length).Int(3, packed.Length);
        header(head);
        file.Write(head.End());
        file.Write(packed);
    }

    static byte[] Pack(int codec, byte[] content)
    {
        using var packed = new MemoryStream();
        switch (codec)
        {
            case 1:
                packed.Write(VarInt((ulong)content.Length));
                foreach (byte[] literal in content.Chunk(60))
                {
                    packed.WriteByte((byte)(literal.Length - 1 << 2));
                    packed.Write(literal);
                }
                break;
            case 2:
                using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
                    gzip.Write(content);
                break;
            case 4:
                using (var brotli = new BrotliStream(packed, CompressionLevel.Optimal, leaveOpen: true))
                    brotli.Write(content);
                break;
            default:
                packed.Write(content);
                break;
        }
        return packed.ToArray();
    }

    static byte[] Values(WrittenColumn column, object[] distinct, (int, int, object? Value)[] page)
    {
        object[] values = [.. page.Where(entry => entry.Value is not null).Select(entry => entry.Value!)];
        if (!column.Dictionary)
            return Plain(column.Type, values);
        int width = Math.Max(1, (int)Math.Ceiling(Math.Log2(distinct.Length)));
        return [(byte)width, .. Packed([.. values.Select(value => Array.IndexOf(distinct, value))], width)];
    }

    static byte[] Plain(int type, object[] values)
    {
        if (type == Boolean)
        {
            var bits = new byte[(values.Length + 7) / 8];
            for (int i = 0; i < values.Length; i++)
                bits[i / 8] |= (byte)((bool)values[i] ? 1 << (i % 8) : 0);
            return bits;
        }
        return [.. values.SelectMany(value => value switch
        {
            int number => BitConverter.GetBytes(number),
            long number => BitConverter.GetBytes(number),
            float number => BitConverter.GetBytes(number),
            double number => BitConverter.GetBytes(number),
            byte[] bytes when type == FixedLength => bytes,
            byte[] bytes => [.. BitConverter.GetBytes(bytes.Length), .. bytes],
            _ => throw new ArgumentException($"{value} is not written."),
        })];
    }

    static byte[] Levels(IEnumerable<int> levels, int max, bool runs)
    {
        if (max == 0)
            return [];
        int[] all = [.. levels];
        List<byte> bytes = [];
        if (!runs && all.Distinct().Count() > 1)
            bytes.AddRange(Packed(all, (int)Math.Floor(Math.Log2(max)) + 1));
        bool packed = bytes.Count > 0;
        for (int start = 0, end; !packed && start < all.Length; start = end)
        {
            for (end = start; end < all.Length && all[end] == all[start];)
                end++;
            bytes.AddRange([.. VarInt((ulong)(end - start) << 1), (byte)all[start]]);
        }
        return [.. BitConverter.GetBytes(bytes.Count), .. bytes];
    }

    static byte[] Packed(int[] values, int width)
    {
        int groups = (values.Length + 7) / 8;
        var bits = new byte[groups * width];
        for (int i = 0; i < values.Length; i++)
            for (int bit = 0; bit < width; bit++)
                bits[(i * width + bit) / 8] |= (byte)((values[i] >> bit & 1) << ((i * width + bit) % 8));
        return [.. VarInt((ulong)groups << 1 | 1), .. bits];
    }

    static byte[] VarInt(ulong value)
    {
        List<byte> bytes = [];
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        return [.. bytes, (byte)value];
    }

    // A structure in Thrift's compact protocol; fields in ascending order.
    sealed class Thrift
    {
        readonly List<byte> _bytes = [];
        int _last;

        public Thrift Int(int field, int value) => Number(field, 5, value);

        public Thrift Long(int field, long value) => Number(field, 6, value);

        public Thrift Text(int field, string text)
        {
            Head(field, 8);
            Bytes(text);
            return this;
        }

        public Thrift Texts(int field, string[] texts)
        {
            Head(field, 9);
            ListHead(texts.Length, 8);
            foreach (string text in texts)
                Bytes(text);
            return this;
        }

        public Thrift Struct(int field, Action<Thrift> write)
        {
            Head(field, 12);
            var inner = new Thrift();
            write(inner);
            _bytes.AddRange(inner.End());
            return this;
        }

        public Thrift List(int field, int count, Action<int, Thrift> write)
        {
            Head(field, 9);
            ListHead(count, 12);
            for (int i = 0; i < count; i++)
            {
                var inner = new Thrift();
                write(i, inner);
                _bytes.AddRange(inner.End());
            }
            return this;
        }

        public byte[] End() => [.. _bytes, 0];

        Thrift Number(int field, int type, long value)
        {
            Head(field, type);
            _bytes.AddRange(VarInt((ulong)(value << 1 ^ value >> 63)));
            return this;
        }

        void Head(int field, int type)
        {
            _bytes.Add((byte)(field - _last << 4 | type));
            _last = field;
        }

        void ListHead(int count, int type)
        {
            _bytes.Add((byte)(Math.Min(count, 15) << 4 | type));
            if (count >= 15)
                _bytes.AddRange(VarInt((ulong)count));
        }

        void Bytes(string text)
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(text);
            _bytes.AddRange(VarInt((ulong)utf8.Length));
            _bytes.AddRange(utf8);
        }
    }
}
