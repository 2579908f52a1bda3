using ManagedNvmet.Simulation;
using Xunit.Runner.InProc.SystemConsole;

// With seed options, runs those seeds. Otherwise runs the tests, as test.sh and IDEs do.
return SeedCommandLine.IsMeant(args) ? SeedCommandLine.Run(args) : await ConsoleRunner.Run(args);
