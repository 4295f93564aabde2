namespace Wakegate.Local.Keda;

/// <summary>What a poll, or a pushed <c>true</c>, came to.</summary>
internal enum Activity
{
    /// <summary>At least one trigger is active.</summary>
    Active,

    /// <summary>All triggers answered, and none is active.</summary>
    Inactive,

    /// <summary>None is active, but not all could say so.</summary>
    Unknown,
}

/// <summary>What KEDA does about it.</summary>
internal enum ScaleStep
{
    Keep,
    Wake,
    Freeze,
    CoolDown,
    Rest,
    RaiseToMinimum,
}

/// <summary>KEDA's own part of scaling: between zero and one. The rest is the HPA's.</summary>
/// <param name="Step">What is done.</param>
/// <param name="Replicas">How many there shall be; the current number where nothing changes.</param>
internal sealed record ScaleDecision(ScaleStep Step, int Replicas)
{
    /// <param name="rules">The ScaledObject's.</param>
    /// <param name="current">The workload's wanted replicas now.</param>
    /// <param name="activity">What the triggers say.</param>
    /// <param name="cooledDown">Whether the last activity is long enough ago.</param>
    public static ScaleDecision For(ScalingRules rules, int current, Activity activity, bool cooledDown) => activity switch
    {
        Activity.Active when current == 0 || (rules.IdleReplicas is not null && current < rules.MinReplicas) =>
            new(ScaleStep.Wake, rules.AwakeReplicas),
        Activity.Active => new(ScaleStep.Keep, current),
        // Not knowing is not zero: without an answer nothing moves.
        Activity.Unknown => new(ScaleStep.Freeze, current),
        _ when MayRest(rules, current) => cooledDown ? new(ScaleStep.Rest, rules.RestingReplicas) : new(ScaleStep.CoolDown, current),
        _ when current < rules.MinReplicas && rules.IdleReplicas is null => new(ScaleStep.RaiseToMinimum, rules.MinReplicas),
        _ => new(ScaleStep.Keep, current),
    };

    // With a minimum above zero, and no idle count, going down is the HPA's business alone.
    private static bool MayRest(ScalingRules rules, int current) =>
        rules.IdleReplicas is { } idle ? current > idle : current > 0 && rules.MinReplicas == 0;
}
