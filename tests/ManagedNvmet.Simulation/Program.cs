using ManagedNvmet.Simulation;
using Xunit.Runner.InProc.SystemConsole;

// test.sh and IDEs run the tests of this program; a person who looks for new seeds runs the program itself.
return SeedCommandLine.IsMeant(args) ? SeedCommandLine.Run(args) : await ConsoleRunner.Run(args);
