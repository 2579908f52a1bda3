using System.Globalization;
using ScottPlot;
using ScottPlot.Plottables;
using ScottPlot.TickGenerators;

namespace ManagedNvmet.Plots;

/// <summary>One plot in the common style. The background is opaque and light, so that the plot is readable on light and dark pages. People
/// with red-green color blindness can distinguish the colors, and each line has a marker of its own.</summary>
internal sealed class Picture
{
    private const int Width = 800;
    private const int Height = 400;
    private const string Face = "DejaVu Sans";
    private const string Ground = "#FAFAF7";
    private const string Ink = "#24292F";
    private const string Faint = "#DDDDD8";

    private static readonly string[] Colors = ["#0072B2", "#D55E00", "#009E73", "#8E4A9E", "#B8860B", "#3B9BD0"];

    private static readonly MarkerShape[] Marks =
    [
        MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp, MarkerShape.FilledDiamond,
        MarkerShape.FilledTriangleDown, MarkerShape.Cross,
    ];

    private readonly Plot _plot = new();
    private bool _isLogarithmic;

    public Picture(string title, string horizontalLabel, string verticalLabel, string? note)
    {
        _plot.FigureBackground.Color = Color.FromHex(Ground);
        _plot.DataBackground.Color = Color.FromHex(Ground);
        _plot.Axes.Color(Color.FromHex(Ink));
        _plot.Axes.Right.FrameLineStyle.Width = 0;
        _plot.Axes.Top.FrameLineStyle.Width = 0;
        _plot.Grid.MajorLineColor = Color.FromHex(Faint);
        _plot.Title(title, 17);
        _plot.XLabel(note is null ? horizontalLabel : $"{horizontalLabel}\n({note})", 14);
        _plot.YLabel(verticalLabel, 14);
        _plot.Axes.Bottom.Label.Bold = false;
        _plot.Axes.Left.Label.Bold = false;
        _plot.Axes.Bottom.TickLabelStyle.FontSize = 13;
        _plot.Axes.Left.TickLabelStyle.FontSize = 13;
        _plot.Axes.Bottom.MinorTickStyle.Length = 0;
        _plot.Axes.Left.MinorTickStyle.Length = 0;
        _plot.Legend.FontSize = 13;
        _plot.Legend.FontColor = Color.FromHex(Ink);
        _plot.Legend.BackgroundColor = Color.FromHex(Ground);
        _plot.Legend.OutlineColor = Color.FromHex(Faint);
        _plot.Legend.ShadowColor = ScottPlot.Colors.Transparent;

        // Sets a sans-serif font, because ScottPlot falls back to a serif one if its default is missing. It replaces a missing font
        // without an error.
        _plot.Font.Set(Face);
    }

    /// <summary>Makes the vertical axis logarithmic, with ticks at 1, 2, 5, 10, 20 and so on. Call it before adding data.</summary>
    public void UseLogarithm()
    {
        _isLogarithmic = true;
        double[] numbers = [.. Enumerable.Range(-1, 8).SelectMany(power => new[] { 1, 2, 5 }.Select(first => first * Math.Pow(10, power)))];
        _plot.Axes.Left.TickGenerator = new NumericManual(
            [.. numbers.Select(Math.Log10)],
            [.. numbers.Select(number => number.ToString("#,0.#", CultureInfo.InvariantCulture).Replace(',', ' '))]);
    }

    /// <summary>Adds a line through points.</summary>
    public void Line(int index, string label, double[] positions, double[] heights, bool hasMarks)
    {
        Scatter line = _plot.Add.Scatter(positions, Heights(heights), Color.FromHex(Colors[index % Colors.Length]));
        line.LegendText = label;
        line.LineWidth = 2.5f;
        line.MarkerShape = hasMarks ? Marks[index % Marks.Length] : MarkerShape.None;
        line.MarkerSize = 9;
    }

    /// <summary>Adds a band between the lowest and the highest round.</summary>
    public void Band(int index, double[] positions, double[] lows, double[] highs)
    {
        if (positions.Length < 2 || lows.SequenceEqual(highs))
            return;
        FillY band = _plot.Add.FillY(positions, Heights(lows), Heights(highs));
        band.FillColor = Color.FromHex(Colors[index % Colors.Length]).WithAlpha(0.15);
        band.LineWidth = 0;
        band.MarkerSize = 0;
    }

    /// <summary>Sets the ticks of the horizontal axis.</summary>
    public void SetHorizontalTicks(IEnumerable<(double Position, string Text)> ticks)
    {
        (double Position, string Text)[] all = [.. ticks];
        _plot.Axes.Bottom.TickGenerator = new NumericManual([.. all.Select(tick => tick.Position)], [.. all.Select(tick => tick.Text)]);
    }

    /// <summary>Writes the plot as a PNG file.</summary>
    /// <returns>Path of the file.</returns>
    public string Save(string folder, string name)
    {
        _plot.Axes.AutoScale();
        if (!_isLogarithmic)
            _plot.Axes.SetLimitsY(0, _plot.Axes.GetLimits().Top);
        _plot.ShowLegend(Edge.Right);
        string file = Path.Combine(folder, name + ".png");
        _plot.SavePng(file, Width, Height);
        return file;
    }

    // Zero has no logarithm and is drawn at the lowest tick, 0.1.
    private double[] Heights(double[] heights) =>
        _isLogarithmic ? [.. heights.Select(height => Math.Log10(Math.Max(height, 0.1)))] : heights;
}
