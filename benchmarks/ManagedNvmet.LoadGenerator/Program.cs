using ManagedNvmet.LoadGenerator;

return await new LoadCommandLine(LoadCommand.RunAsync).InvokeAsync(args);
