using System.Globalization;
using ScottPlot;
using ScottPlot.Plottables;
using ScottPlot.TickGenerators;

namespace ManagedNvmet.Plots;

/// <summary>One picture in the style of all of them: dark on an opaque light ground, so that it reads on a light page and on a dark one; colours that
/// people who confuse red and green can tell apart, and a mark of its own for each line.</summary>
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
        MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp, MarkerShape.FilledDiamond, MarkerShape.FilledTriangleDown,
        MarkerShape.Cross,
    ];

    private readonly Plot plot = new();
    private bool isLogarithmic;

    public Picture(string title, string across, string up, string? note)
    {
        plot.FigureBackground.Color = Color.FromHex(Ground);
        plot.DataBackground.Color = Color.FromHex(Ground);
        plot.Axes.Color(Color.FromHex(Ink));
        plot.Axes.Right.FrameLineStyle.Width = 0;
        plot.Axes.Top.FrameLineStyle.Width = 0;
        plot.Grid.MajorLineColor = Color.FromHex(Faint);
        plot.Title(title, 17);
        plot.XLabel(note is null ? across : $"{across}\n({note})", 14);
        plot.YLabel(up, 14);
        plot.Axes.Bottom.Label.Bold = false;
        plot.Axes.Left.Label.Bold = false;
        plot.Axes.Bottom.TickLabelStyle.FontSize = 13;
        plot.Axes.Left.TickLabelStyle.FontSize = 13;
        plot.Axes.Bottom.MinorTickStyle.Length = 0;
        plot.Axes.Left.MinorTickStyle.Length = 0;
        plot.Legend.FontSize = 13;
        plot.Legend.FontColor = Color.FromHex(Ink);
        plot.Legend.BackgroundColor = Color.FromHex(Ground);
        plot.Legend.OutlineColor = Color.FromHex(Faint);
        plot.Legend.ShadowColor = ScottPlot.Colors.Transparent;

        // The drawing library's own choice is a serif face where its favourites are not installed. A face that is missing is replaced in silence.
        plot.Font.Set(Face);
    }

    /// <summary>From here on heights are drawn by their logarithm, with marks at 1, 2, 5, 10, 20 and so on.</summary>
    public void UseLogarithm()
    {
        isLogarithmic = true;
        double[] numbers = [.. Enumerable.Range(-1, 8).SelectMany(power => new[] { 1, 2, 5 }.Select(first => first * Math.Pow(10, power)))];
        plot.Axes.Left.TickGenerator = new NumericManual(
            [.. numbers.Select(Math.Log10)], [.. numbers.Select(number => number.ToString("#,0.#", CultureInfo.InvariantCulture).Replace(',', ' '))]);
    }

    /// <summary>A line through points.</summary>
    public void Line(int index, string label, double[] positions, double[] heights, bool hasMarks)
    {
        Scatter line = plot.Add.Scatter(positions, Heights(heights), Color.FromHex(Colors[index % Colors.Length]));
        line.LegendText = label;
        line.LineWidth = 2.5f;
        line.MarkerShape = hasMarks ? Marks[index % Marks.Length] : MarkerShape.None;
        line.MarkerSize = 9;
    }

    /// <summary>What lies between the lowest and the highest round.</summary>
    public void Band(int index, double[] positions, double[] lows, double[] highs)
    {
        if (positions.Length < 2 || lows.SequenceEqual(highs))
            return;
        FillY band = plot.Add.FillY(positions, Heights(lows), Heights(highs));
        band.FillColor = Color.FromHex(Colors[index % Colors.Length]).WithAlpha(0.15);
        band.LineWidth = 0;
        band.MarkerSize = 0;
    }

    /// <summary>Marks of the axis below.</summary>
    public void TicksAcross(IEnumerable<(double Position, string Text)> ticks)
    {
        (double Position, string Text)[] all = [.. ticks];
        plot.Axes.Bottom.TickGenerator = new NumericManual([.. all.Select(tick => tick.Position)], [.. all.Select(tick => tick.Text)]);
    }

    /// <summary>Writes the picture.</summary>
    /// <returns>The file.</returns>
    public string Save(string folder, string name)
    {
        plot.Axes.AutoScale();
        if (!isLogarithmic)
            plot.Axes.SetLimitsY(0, plot.Axes.GetLimits().Top);
        plot.ShowLegend(Edge.Right);
        string file = Path.Combine(folder, name + ".png");
        plot.SavePng(file, Width, Height);
        return file;
    }

    // A round of nothing has no logarithm; it is drawn at the lowest mark.
    private double[] Heights(double[] heights) => isLogarithmic ? [.. heights.Select(height => Math.Log10(Math.Max(height, 0.1)))] : heights;
}
