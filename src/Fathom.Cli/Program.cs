// The executable `fathom`: one verb per file in Verbs/, wired here.
return Fathom.Cli.CommandLine.Run(args);
