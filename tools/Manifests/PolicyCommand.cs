using System.CommandLine;

namespace Wakegate.Manifests;

/// <summary>Writes the admission policy, or says whether the one that is there is current.</summary>
internal static class PolicyCommand
{
    private const string DefaultAddress = "wakegate-scaler.wakegate:9090";

    public static Command Build()
    {
        var output = new Option<string>("--output")
        {
            Description = "The file to write.",
            HelpName = "FILE",
            DefaultValueFactory = _ => "manifests/admission/policy.yaml",
        };
        var address = new Option<string>("--scaler-address")
        {
            Description = "The scaler's address, as the setting Interceptor:ScalerAddress gives it.",
            HelpName = "HOST:PORT",
            DefaultValueFactory = _ => DefaultAddress,
        };
        var check = new Option<bool>("--check") { Description = "Writes nothing; fails where the file is not current." };

        var command = new Command("policy", "The ValidatingAdmissionPolicy, from the parser's table of keys.") { output, address, check };
        command.SetAction((parsed, cancellation) =>
            GeneratedFile.WriteOrCheckAsync(
                parsed.GetValue(output)!, AdmissionPolicy.Write(parsed.GetValue(address)!), command.Name, parsed.GetValue(check), cancellation));
        return command;
    }
}
