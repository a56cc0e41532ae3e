// A fact about what only Linux has.

namespace Fathom.Training.Tests;

sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute()
    {
        if (!OperatingSystem.IsLinux())
            Skip = "Needs Linux's /dev/full.";
    }
}
