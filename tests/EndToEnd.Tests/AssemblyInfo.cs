using Wakegate.EndToEnd.Tests.Live;
using Xunit.Sdk;
using Xunit.v3;

// Each test runs a dozen processes: side by side they would only wait for each other.
[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: AssemblyFixture(typeof(Chromium))]
