// What runs inside the sandbox for C#, in one of two roles: the compiler, a process that lives long and sees only texts, or the caller, a
// process that holds one untrusted program and calls its methods. Requests come as lines of JSON on descriptor 3, answers go to descriptor 4
// (the form of values is that of src/Fathom.Evaluation/Graders/Code/Python/plain.py).
using Fathom.CodeHost;

switch (args)
{
    case ["compile"]:
        CompilerRole.Serve(new Channel());
        return 0;
    case ["call", string assembly]:
        CallerRole.Serve(new Channel(), assembly);
        return 0;
    default:
        Console.Error.WriteLine("This program is part of Fathom's sandbox and is not meant to be run by hand. Usage: compile | call ASSEMBLY");
        return 2;
}
