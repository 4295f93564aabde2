using System.Text.RegularExpressions;
using Wakegate.Contracts.Triggers;

namespace Wakegate.Manifests;

/// <summary>
/// The admission policy: what the parser's table says of each key, in CEL as Kubernetes 1.30 has it. A variable for each key holds one text for
/// each trigger of ours, empty where nothing is wrong; one validation joins them, since the API server shows one message only.
/// </summary>
internal static class AdmissionPolicy
{
    /// <summary>The policy and its binding, as YAML.</summary>
    /// <param name="scalerAddress">The scaler's address as ScaledObjects name it.</param>
    public static string Write(string scalerAddress) => $$"""
        # Made by `dotnet run --project tools/Manifests policy` from the table of keys in src/Contracts/Triggers/TriggerKeys.cs. Do not edit.
        #
        # Refuses a ScaledObject whose Wakegate trigger is wrong when it is applied. What a policy cannot see comes as an Event on the ScaledObject.
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicy
        metadata:
          name: wakegate-triggers
          labels:
            app.kubernetes.io/name: wakegate
            app.kubernetes.io/part-of: wakegate
        spec:
          # It only tells early what the interceptor tells anyway: where it cannot be evaluated, nobody is kept from deploying.
          failurePolicy: Ignore
          matchConstraints:
            resourceRules:
              - apiGroups: [keda.sh]
                apiVersions: [v1alpha1]
                operations: [CREATE, UPDATE]
                resources: [scaledobjects]
          matchConditions:
            # An object that was bad before must stay changeable: KEDA adds and removes its finalizer with an update of the whole object, which
            # drops empty fields of the spec. Only a change of what is judged here is judged.
            - name: triggers-changed
              expression: >-
                oldObject == null
                || object.spec.triggers.map(t, t.type) != oldObject.spec.triggers.map(t, t.type)
                || object.spec.triggers.map(t, t.metadata) != oldObject.spec.triggers.map(t, t.metadata)
            - name: not-being-deleted
              expression: "!has(object.metadata.deletionTimestamp)"
          variables:
            # The scaler's address. Whoever changes the setting Interceptor:ScalerAddress changes it here too.
            - name: scaler
              expression: {{Cel.Text(AddressPattern(scalerAddress))}}
            - name: triggers
              expression: |-
                object.spec.triggers.filter(t, t.type in ['external-push', 'external'] && 'scalerAddress' in t.metadata
                  && t.metadata.scalerAddress.trim().lowerAscii().matches(variables.scaler))
            - name: known
              expression: |-
                {{Wrapped(KeyRule.Known.Select(Cel.Text))}}

            # For each of these triggers, what is wrong with one key.
        {{Indented(Variables(), 4)}}

            # All of it, trigger by trigger.
            - name: problems
              expression: |-
                variables.triggers.map(t, [{{Wrapped(Names().Select(name => $"variables.{name}"))}}
                  .map(texts, texts[variables.triggers.indexOf(t)]).filter(text, text != '').join(' ')].map(text,
                    text == '' ? '' : 'spec.triggers[' + string(object.spec.triggers.indexOf(t)) + ']: ' + text)[0])
                .filter(text, text != '').join(' ')
          validations:
            - expression: variables.problems == ''
              # One line of at most 1000 characters: the API server takes 5 KiB without line breaks.
              messageExpression: variables.problems.replace('\n', ' ').find('^.{0,1000}')
              message: A trigger of Wakegate is not valid; see the reference of the ScaledObject.
              reason: Invalid
        ---
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicyBinding
        metadata:
          name: wakegate-triggers
          labels:
            app.kubernetes.io/name: wakegate
            app.kubernetes.io/part-of: wakegate
        spec:
          policyName: wakegate-triggers
          validationActions: [Deny]

        """.ReplaceLineEndings("\n");

    /// <summary>The address with and without what may follow a Service's name, as <see cref="ScalerAddress"/> reads it; for lower case.</summary>
    private static string AddressPattern(string address)
    {
        var scaler = ScalerAddress.Of(address);
        var suffix = scaler.Host.Count(c => c == '.') == 1 ? @"(\.svc(\..*)?|\.*)" : @"\.*";
        return $"^{Regex.Escape(scaler.Host)}{suffix}:{Regex.Escape(scaler.Port)}$";
    }

    private static IEnumerable<string> Names() => [.. TriggerKeys.All.Select(key => key.Name), "bothPorts", "unknown", "twice"];

    private static string Variables() => string.Join('\n', Names().Zip([.. TriggerKeys.All.Select(KeyRule.Of), KeyRule.BothPorts, KeyRule.Unknown, KeyRule.Twice])
        .Select(pair => $"- name: {pair.First}\n  expression: |-\n{Indented(pair.Second, 4)}"));

    /// <summary>A list of many items, over several lines.</summary>
    private static string Wrapped(IEnumerable<string> items) => $"[\n{Indented(string.Join(",\n", items.Chunk(6).Select(line => string.Join(", ", line))), 10)}\n        ]";

    private static string Indented(string lines, int spaces) =>
        string.Join('\n', lines.Split('\n').Select(line => line.Length == 0 ? "" : new string(' ', spaces) + line));
}
