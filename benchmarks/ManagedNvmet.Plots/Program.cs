using ManagedNvmet.Plots;

return await new PlotsCommandLine().InvokeAsync(args);
