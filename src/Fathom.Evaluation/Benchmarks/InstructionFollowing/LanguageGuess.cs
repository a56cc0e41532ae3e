// Which language a text is in: by its script, then by letters that one language has, then by how many of its words are among the commonest of each.
// IFEval asks a trained model (langdetect) here, which is unsure of short texts; this rule is of our own and says "could be" where nothing speaks against it.
using System.Text;

namespace Fathom.Evaluation.Benchmarks.InstructionFollowing;

/// <summary>Guesses languages.</summary>
static class LanguageGuess
{
    // A text longer than this says no more about its language.
    const int LookedAt = 20_000;

    // Scripts with one language among those known.
    static readonly (int First, int Last, string Language)[] s_scripts =
    [
        (0x0370, 0x03FF, "el"), (0x0590, 0x05FF, "he"), (0x0980, 0x09FF, "bn"), (0x0A00, 0x0A7F, "pa"), (0x0A80, 0x0AFF, "gu"), (0x0B80, 0x0BFF, "ta"), (0x0C00, 0x0C7F, "te"),
        (0x0C80, 0x0CFF, "kn"), (0x0D00, 0x0D7F, "ml"), (0x0E00, 0x0E7F, "th"), (0xAC00, 0xD7AF, "ko"), (0x1100, 0x11FF, "ko"),
        (0x3040, 0x30FF, Japanese), (0x4E00, 0x9FFF, Chinese), (0x0900, 0x097F, Devanagari), (0x0600, 0x06FF, Arabic), (0x0400, 0x04FF, Cyrillic),
    ];

    const string Latin = "Latin", Devanagari = "Devanagari", Arabic = "Arabic", Cyrillic = "Cyrillic", Chinese = "zh", Japanese = "ja";

    // The commonest words of each language, by script.
    static readonly Dictionary<string, (string Language, string[] Words)[]> s_words = new()
    {
        [Latin] =
        [
            ("en", Words("the of and to in is that it for was on are with as this be at by from or have not you they his her which but an will can we our your all has were their more one about when there been if no my what so i")),
            ("de", Words("der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über einen so zum kann ich wir ihr mein oder aber wenn")),
            ("fr", Words("de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il sont avec son sa aux ou mais nous vous ils elle cette leur être comme je")),
            ("es", Words("de la que el en y a los se del las un por con no una su para es al lo como más o pero sus le ha me si sin sobre este ya entre cuando todo esta ser son también fue había muy años hasta desde está yo")),
            ("pt", Words("de a o que e do da em um para é com não uma os no se na por mais as dos como mas foi ao ele das tem à seu sua ou ser quando muito há nos já está eu também só pelo pela até isso ela entre era depois sem são você seus")),
            ("it", Words("di e il la che a un in per è una sono non si con i del da al le dei della come più lo nel ma gli anche se alla dal o questo delle ha su ci degli nella essere loro tra tuo tuoi mio suo molto perché io")),
            ("nl", Words("de van het een en in is dat op te zijn met voor die niet aan er om ook als maar bij door naar uit nog dan worden wordt kan hij ik je deze heeft meer over al was wij hun")),
            ("fi", Words("ja on ei se että oli hän mutta ovat kun ole niin kuin tai joka myös sen minun minä voi olla jos hänen ne sinun sekä kanssa jonka tämä jotka vain hyvin mitä he olen siitä nyt mukaan kaikki aina")),
            ("sw", Words("na ya wa kwa ni katika za la kuwa hii cha yake au pia kama lakini hiyo yangu ili wake hivyo sana watu kila zaidi hizi wao mimi bila vya baada huu hilo moja siku yako kwamba")),
            ("vi", Words("và của là có không được một trong cho các người với những này đã khi để từ thì cũng tôi bạn ở đó ra nhiều như hay về sẽ vào lại")),
            ("id", Words("yang dan di untuk dengan ini dari pada tidak itu dalam adalah akan ke anda dapat saya sebagai oleh juga kita atau lebih karena bisa mereka telah ada kami seperti")),
            ("tr", Words("ve bir bu için ile da de olarak çok daha gibi olan ne kadar en o var sonra ama ben her değil mi ya olduğu veya")),
            ("pl", Words("i w na z się nie do jest to że o jak za od po przez ale co dla tego są tym jego być oraz może tak ich czy już który")),
            ("sv", Words("och i att det som en på är av för med den till inte om ett han men var sig de vi har från kan så när du jag eller hon dem")),
            ("ro", Words("de și în a la cu pe din că este o un nu pentru se care mai sau au fost fi sunt prin dar ca ce al cel lui despre")),
        ],
        [Devanagari] =
        [
            ("hi", Words("है के में की का को से और हैं यह कि पर एक नहीं भी ने इस लिए हो कर तो ही था जो मैं आप वह करने रहा गया अपने")),
            ("mr", Words("आहे आणि या हे च्या मध्ये तो ती ते की आहेत होते केले करण्यासाठी म्हणून नाही एक त्यांच्या मी तुम्ही आपल्या आपण साठी असे हा ही काही खूप")),
            ("ne", Words("छ र को मा छन् हो यो गर्न पनि एक लागि गर्ने भएको थियो तर हुन्छ म यस तपाईं हामी गरेको भने हुन् आफ्नो नेपाल")),
        ],
        [Cyrillic] =
        [
            ("ru", Words("и в не на что с он как это по но из у за от так же для мы вы я они был бы все или к о если его")),
            ("bg", Words("и на се в да от за с не е са по че като ще но до са които си или при той тя те ни а си това която един")),
            ("uk", Words("і в не на що з він як це по але до у за від так та для ми ви я вони був би все або якщо його")),
        ],
        [Arabic] = [("ar", Words("في من على إلى أن هذا التي الذي و لا ما هو هي عن مع كان")), ("fa", Words("و در به از که این را با است برای آن یک خود تا ها می")), ("ur", Words("کے کی میں ہے کا اور سے کو ہیں پر نے یہ کہ ایک نہیں بھی"))],
    };

    /// <summary>The languages that can be told.</summary>
    public static IReadOnlyList<string> Known { get; } =
        [.. s_scripts.Select(script => script.Language).Where(language => language.Length == 2).Concat(s_words.Values.SelectMany(words => words.Select(entry => entry.Language))).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Whether a text may be in a language of <see cref="Known"/>: nothing speaks for another. A text without letters may be in any.</summary>
    public static bool CouldBe(string text, string language)
    {
        string start = (text.Length <= LookedAt ? text : text[..LookedAt]).ToLowerInvariant();
        string script = ScriptOf(start);
        if (script.Length == 0)
            return true;
        if (!s_words.TryGetValue(script, out (string Language, string[] Words)[]? entries))
            return script == language;
        if (entries.All(entry => entry.Language != language))
            return false;
        int[] scores = [.. entries.Select(entry => Score(start, entry.Language, entry.Words))];
        int own = scores[Array.FindIndex(entries, entry => entry.Language == language)];
        // One common word more may be chance: a name, a quotation.
        return own >= scores.Max() - 2;
    }

    static int Score(string text, string language, string[] words)
    {
        HashSet<string> known = [.. words];
        int score = 0;
        foreach (string word in text.Split(s_separators, StringSplitOptions.RemoveEmptyEntries))
            score += known.Contains(word) ? 2 : 0;
        // A letter that the others of the script do not use weighs less than a word, but there are more of them.
        string letters = language switch
        {
            "ru" => "ыэё",
            "uk" => "іїєґ",
            "bg" => "ъ",
            "fa" => "پچژگ",
            "ur" => "ٹڈڑںےہ",
            "ar" => "ةىأإ",
            "mr" => "ळ",
            "vi" => "ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ",
            "de" => "ß",
            "pl" => "ąęłśżźń",
            "tr" => "ğşı",
            "ro" => "țș",
            _ => "",
        };
        foreach (char c in text)
            score += letters.Contains(c) ? 1 : 0;
        return score;
    }

    // The script of most letters.
    static string ScriptOf(string text)
    {
        Dictionary<string, int> counts = [];
        foreach (Rune rune in text.EnumerateRunes())
        {
            string? script = rune.Value < 0x250 || rune.Value is >= 0x1E00 and <= 0x1EFF ? Rune.IsLetter(rune) ? Latin : null
                : s_scripts.FirstOrDefault(range => rune.Value >= range.First && rune.Value <= range.Last).Language;
            if (script is not null)
                counts[script] = counts.GetValueOrDefault(script) + 1;
        }
        // Japanese is written with many Chinese characters.
        if (counts.TryGetValue(Japanese, out int kana) && counts.TryGetValue(Chinese, out int han) && kana * 5 > han)
            counts[Japanese] = kana + han;
        return counts.Count == 0 ? "" : counts.MaxBy(entry => entry.Value).Key;
    }

    static readonly char[] s_separators = [.. " \t\r\n.,;:!?()[]{}\"'*#-_/\\`“”‘’«»।،؛؟…—–|"];

    static string[] Words(string text) => text.Split(' ');
}
