// Unpacking assembled at run time: one straight run per segment, binary16 scales by vcvtph2ps, which .NET has no intrinsic for.
using Fathom.Numerics.Formats;
using Fathom.Numerics.Kernels.Assembly;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Fathom.Numerics.Kernels.Strips;

static unsafe class StripPanelAssembled
{
    /// <summary>Bytes between what is unpacked and what is fetched: a memory's latency at the pace of decoding.</summary>
    const int Ahead = 6 << 10;

    const int Line = StripFormat.LineBytes;

    // [type, whether codes stay signed].
    static readonly AssembledFunctions s_functions = new(2 * ((int)ElementType.MXFP4 + 1), (x, index) => Emit(x, StripFormat.Of((ElementType)(index / 2)), index % 2 != 0));

    // The table of types with uneven steps, signed codes plus 128, four times: a vector.
    static readonly byte[] s_tables = GC.AllocateArray<byte>(2 * 64, pinned: true);

    static StripPanelAssembled()
    {
        for (int i = 0; i < 64; i++)
        {
            s_tables[i] = (byte)(BlockLayout.Iq4Steps[i % 16] + 128);
            s_tables[64 + i] = (byte)(BlockLayout.E2M1Doubled[i % 16] + 128);
        }
    }

    /// <summary>As <see cref="StripPanel.Unpack"/>.</summary>
    /// <param name="format">The type.</param>
    /// <param name="strip">The first block in the strip.</param>
    /// <param name="segments">Segments to unpack.</param>
    /// <param name="panel">The panel.</param>
    /// <param name="signed">Leaves signed codes signed, without 128 added.</param>
    public static void Unpack(in StripFormat format, byte* strip, int segments, byte* panel, bool signed)
        => ((delegate* unmanaged[SuppressGCTransition]<byte*, byte*, long, void>)s_functions[2 * (int)format.Type + (signed ? 1 : 0)])(strip, panel, segments);

    // rdi: strip. rsi: panel. rdx: segments left. rcx: segments left in the block. zmm31: bias or table, zmm30: mask of the low plane's
    // field, zmm29: the high plane's bits in place.
    static void Emit(Assembler x, StripFormat format, bool signed)
    {
        Label block = x.CreateLabel("block"), segment = x.CreateLabel("segment"), whole = x.CreateLabel("whole");
        if (format.Steps.Length > 0)
        {
            x.mov(rax, (long)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(s_tables, format.Type == ElementType.MXFP4 ? 64 : 0));
            x.vmovdqu8(zmm31, __[rax]);
            if (signed)
            {
                Fill(x, zmm0, 128);
                x.vpsubb(zmm31, zmm31, zmm0);
            }
        }
        else
        {
            Fill(x, zmm31, Bias(format, signed));
        }
        Fill(x, zmm30, (byte)((1 << format.LowBits) - 1));
        Fill(x, zmm29, (byte)(((1 << format.HighBits) - 1) << format.LowBits));

        x.Label(ref block);
        x.mov(rcx, StripFormat.SegmentsPerBlock);
        x.cmp(rdx, rcx);
        x.jge(whole);
        x.mov(rcx, rdx);
        x.Label(ref whole);
        x.sub(rdx, rcx);
        if (format.IntegerScales)
            Header(x, format);

        x.Label(ref segment);
        // The processor's own prefetching stops at pages; strips follow each other, so what lies ahead is what comes next.
        for (int at = 0; at < format.SegmentBytes; at += 64)
            x.prefetcht0(__byte_ptr[rdi + (Ahead + at)]);
        Scales(x, format);
        for (int half = 0; half < Line; half += 64)
            Codes(x, format, half, Bias(format, signed));
        x.add(rdi, format.SegmentBytes);
        x.add(rsi, format.PanelSegmentBytes);
        x.dec(rcx);
        x.jne(segment);
        x.test(rdx, rdx);
        x.jne(block);
        x.vzeroupper();
        x.ret();
    }

    static byte Bias(StripFormat format, bool signed) => (byte)(format.Bias - (signed && !format.HasMinima ? 128 : 0));

    static void Fill(Assembler x, AssemblerRegisterZMM register, byte value)
    {
        x.mov(eax, value);
        x.vpbroadcastb(register, eax);
    }

    static void Header(Assembler x, StripFormat format)
    {
        int parts = format.HasMinima ? 4 : 2;
        for (int i = 0; i < parts; i++)
        {
            x.vcvtph2ps(zmm0, __ymmword_ptr[rdi + 32 * i]);
            x.vmovups(__[rsi + 64 * i], zmm0);
        }
        if (format.HasMinima)
        {
            // Minima of two neighbouring groups side by side for the 16-bit dot product.
            int minima = format.HeaderBytes + format.ScaleBytes;
            int stride = format.GroupsPerSegment == 1 ? format.SegmentBytes : StripFormat.Rows;
            int step = format.GroupsPerSegment == 1 ? 2 * format.SegmentBytes : format.SegmentBytes;
            for (int p = 0; p < StripFormat.BlockLength / format.GroupLength / 2; p++)
            {
                for (int half = 0; half < 2; half++)
                {
                    x.vpmovzxbd(zmm0, __xmmword_ptr[rdi + minima + p * step + 16 * half]);
                    x.vpmovzxbd(zmm1, __xmmword_ptr[rdi + minima + p * step + stride + 16 * half]);
                    x.vpslld(zmm1, zmm1, 16);
                    x.vpord(zmm0, zmm0, zmm1);
                    x.vmovdqu32(__[rsi + (2 + p) * Line + 64 * half], zmm0);
                }
            }
        }
        x.add(rdi, format.HeaderBytes);
        x.add(rsi, format.PanelHeaderBytes);
    }

    static void Scales(Assembler x, StripFormat format)
    {
        if (format.IntegerScales)
        {
            for (int i = 0; i < format.ScaleBytes / 16; i++)
            {
                x.vpmovsxbd(zmm0, __xmmword_ptr[rdi + 16 * i]);
                x.vmovdqu32(__[rsi + 64 * i], zmm0);
            }
            return;
        }
        for (int i = 0; i < (format.HasMinima ? 4 : 2); i++)
        {
            if (format.Type == ElementType.MXFP4)
            {
                x.vpmovzxwd(zmm0, __ymmword_ptr[rdi + 32 * i]);
                x.vpslld(zmm0, zmm0, 16);
            }
            else
            {
                x.vcvtph2ps(zmm0, __ymmword_ptr[rdi + 32 * i]);
            }
            x.vmovups(__[rsi + 64 * i], zmm0);
        }
    }

    // The 8 quads of 16 rows.
    static void Codes(Assembler x, StripFormat format, int half, byte bias)
    {
        int from = format.CodesOffset + half, to = format.PanelScaleBytes + half, perField = format.LowBits;
        for (int j = 0; j < format.HighBits; j++)
            x.vmovdqu8(High(j), __[rdi + from + (format.LowBits + j) * Line]);
        for (int quad = 0; quad < StripFormat.SegmentsPerBlock; quad++)
        {
            AssemblerRegisterZMM code = quad % 2 == 0 ? zmm2 : zmm3, bits = quad % 2 == 0 ? zmm4 : zmm5;
            int shift = quad / perField * format.LowBits;
            AssemblerMemoryOperand line = __[rdi + from + quad % perField * Line];
            if (format.LowBits == 8)
            {
                x.vpaddb(code, zmm31, line);
                x.vmovdqu8(__[rsi + to + quad * Line], code);
                continue;
            }
            if (shift == 0)
            {
                x.vpandd(code, zmm30, line);
            }
            else
            {
                x.vmovdqu8(code, line);
                x.vpsrlw(code, code, (byte)shift);
                x.vpandd(code, code, zmm30);
            }
            if (format.HighBits > 0)
            {
                // From its place in the high plane to its place above the low bits.
                int at = quad / format.HighBits * format.HighBits, left = format.LowBits - at;
                AssemblerRegisterZMM high = High(quad % format.HighBits);
                if (left > 0)
                    x.vpsllw(bits, high, (byte)left);
                else
                    x.vpsrlw(bits, high, (byte)-left);
                // code | (bits & mask)
                x.vpternlogd(code, bits, zmm29, 0xF8);
            }
            if (format.Steps.Length > 0)
                x.vpshufb(code, zmm31, code);
            else if (bias != 0)
                x.vpaddb(code, code, zmm31);
            x.vmovdqu8(__[rsi + to + quad * Line], code);
        }

        static AssemblerRegisterZMM High(int line) => line == 0 ? zmm6 : zmm7;
    }
}
