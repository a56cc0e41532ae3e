// Measures the operators of a pass, each alone: forwards in their order, backwards in the reverse, so that what the backward pass reads has left the
// near caches in between as it has in a step. No operator's result is another's input, and no layer is run.
using System.Diagnostics;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Statistics;
using Fathom.Numerics.Tensors;

namespace Fathom.Planning.Here;

/// <summary>Measured time of an operator.</summary>
/// <param name="Operator">The operator.</param>
/// <param name="Forward">Seconds of one use forwards.</param>
/// <param name="Backward">Seconds of one use backwards.</param>
/// <param name="Rows">Rows of the trial.</param>
/// <param name="Scale">Factor from the trial to the use, already in the times.</param>
public sealed record OperatorTime(PassOperator Operator, double Forward, double Backward, int Rows, double Scale)
{
    /// <summary>Seconds of all uses in a pass.</summary>
    public double Seconds => Operator.Uses * (Forward + Backward);
}

/// <summary>Trials of operators.</summary>
public static class OperatorTrials
{
    // A trial with more operations is cut: some ten milliseconds on two cores.
    const double MostWork = 1.5e9;
    const int FewestRounds = 5, MostRounds = 25;

    /// <summary>Measures the operators of a pass: each one's medians over all rounds, so that what else the machine does for a moment hits one round of one operator.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="seconds">How long to measure, where the fewest rounds take no longer.</param>
    /// <returns>Times, and how many rounds there were.</returns>
    public static (IReadOnlyList<OperatorTime> Times, int Rounds) Measure(TrainingPass pass, double seconds = 2)
    {
        Trial[] trials = [.. pass.Operators.Select(op => new Trial(op))];
        try
        {
            int rounds = 0;
            // The round before the first compiles and touches the memory.
            Round(trials);
            foreach (Trial trial in trials)
                trial.Forget();
            for (long begin = Stopwatch.GetTimestamp(); rounds < FewestRounds || (rounds < MostRounds && Stopwatch.GetElapsedTime(begin).TotalSeconds < seconds); rounds++)
                Round(trials);
            return ([.. trials.Select(trial => trial.Time)], rounds);
        }
        finally
        {
            foreach (Trial trial in trials)
                trial.Dispose();
        }
    }

    static void Round(Trial[] trials)
    {
        foreach (Trial trial in trials)
            trial.Forward();
        foreach (Trial trial in trials.Reverse())
            trial.Backward();
    }

    sealed class Trial : IDisposable
    {
        readonly PassOperator _operator;
        readonly TrialMemory _memory = new();
        readonly Tape _tape = new() { Recording = true };
        readonly Func<Tape, Tensor[]> _forward;
        readonly int _rows;
        readonly double _scale;
        Tensor[] _results = [], _gradients = [];
        readonly List<double> _forwardSeconds = [], _backwardSeconds = [];

        public Trial(PassOperator op)
        {
            _operator = op;
            (PassOperator cut, _scale) = op.Within(MostWork);
            _rows = cut.Rows;
            _forward = cut.Prepare(_memory);
        }

        public OperatorTime Time => new(_operator, Quantiles.Median(_forwardSeconds) * _scale, Quantiles.Median(_backwardSeconds) * _scale, _rows, _scale);

        public void Forget()
        {
            _forwardSeconds.Clear();
            _backwardSeconds.Clear();
        }

        public void Forward()
        {
            _tape.Reset();
            _memory.Refresh();
            long start = Stopwatch.GetTimestamp();
            _results = _forward(_tape);
            _forwardSeconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        public void Backward()
        {
            if (_gradients.Length < _results.Length)
                _gradients = [.. _results.Select(_memory.Like)];
            for (int i = 0; i < _results.Length; i++)
            {
                TrialMemory.Fill(_gradients[i]);
                _results[i].Gradient = _gradients[i];
            }
            long start = Stopwatch.GetTimestamp();
            _tape.Backward();
            _backwardSeconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        public void Dispose()
        {
            _tape.Dispose();
            _memory.Dispose();
        }
    }
}
