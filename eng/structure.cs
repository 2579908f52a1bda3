#:package Microsoft.CodeAnalysis.CSharp
// Measures the structure of the source: dotnet run eng/structure.cs [-- REPOSITORY]
//
// For each project of src: lines, largest class with the sum of its files, and circles of references among files and among folders.
// All sources are bound as one compilation without their packages, so that a reference counts only when the compiler finds the type.
// A circle is a strongly connected component of at least two files (or folders): each of them reaches every other.
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

string repository = Path.GetFullPath(args.Length > 0 ? args[0] : ".");
string source = Path.Combine(repository, "src");
string[] files =
[
    .. Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"))
        .Order(StringComparer.Ordinal),
];
var trees = files.ToDictionary(file => file, file => CSharpSyntaxTree.ParseText(File.ReadAllText(file), path: file));
const string implicitUsings =
    "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;"
    + "global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";
IEnumerable<MetadataReference> runtime = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
    .Select(path => MetadataReference.CreateFromFile(path));
var compilation = CSharpCompilation.Create(
    "all",
    [.. trees.Values, CSharpSyntaxTree.ParseText(implicitUsings)],
    runtime,
    new(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));

Console.WriteLine($"{"project",-28} {"files",6} {"lines",7}  {"largest class",-44} {"circles of files",-24} circles of folders");
foreach (var project in files.GroupBy(file => Path.GetRelativePath(source, file).Split(Path.DirectorySeparatorChar)[0]))
{
    string[] own = [.. project];
    var classLines = new Dictionary<string, int>();
    var edges = own.ToDictionary(file => file, _ => new HashSet<string>());
    foreach (string file in own)
    {
        SemanticModel model = compilation.GetSemanticModel(trees[file]);
        SyntaxNode root = trees[file].GetRoot();
        IEnumerable<TypeDeclarationSyntax> types = root.DescendantNodes().OfType<TypeDeclarationSyntax>();
        foreach (TypeDeclarationSyntax type in types.Where(type => type.Parent is not TypeDeclarationSyntax))
        {
            FileLinePositionSpan span = type.SyntaxTree.GetLineSpan(type.Span);
            string name = type.Identifier.Text;
            classLines[name] = classLines.GetValueOrDefault(name) + span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
        }
        foreach (SimpleNameSyntax name in root.DescendantNodes().OfType<SimpleNameSyntax>())
        {
            SymbolInfo info = model.GetSymbolInfo(name);
            ISymbol? symbol = info.Symbol ?? info.CandidateSymbols.FirstOrDefault();
            ISymbol? innermost = symbol is INamespaceSymbol ? null : symbol as ITypeSymbol ?? symbol?.ContainingType;
            for (ISymbol? type = innermost; type is INamedTypeSymbol; type = type.ContainingType)
            {
                foreach (SyntaxReference declared in type.OriginalDefinition.DeclaringSyntaxReferences)
                {
                    string other = declared.SyntaxTree.FilePath;
                    if (other != file && edges.ContainsKey(other))
                        edges[file].Add(other);
                }
            }
        }
    }
    string FolderOf(string file) => Path.GetRelativePath(Path.Combine(source, project.Key), Path.GetDirectoryName(file)!);
    var folders = own.Select(FolderOf).Distinct().ToDictionary(folder => folder, _ => new HashSet<string>());
    foreach ((string file, HashSet<string> others) in edges)
    {
        foreach (string other in others.Where(other => FolderOf(other) != FolderOf(file)))
            folders[FolderOf(file)].Add(FolderOf(other));
    }
    int lines = own.Sum(file => File.ReadLines(file).Count());
    (string largest, int size) = classLines.Select(each => (each.Key, each.Value)).DefaultIfEmpty(("", 0)).MaxBy(each => each.Item2);
    Console.WriteLine($"{project.Key,-28} {own.Length,6} {lines,7}  {$"{largest} ({size})",-44} {Text(Circles(edges), own.Length),-24} "
        + $"{Text(Circles(folders), folders.Count)}");
    if (args.Contains("--names"))
    {
        foreach (List<string> circle in Circles(edges).OrderByDescending(circle => circle.Count))
        {
            IEnumerable<string> names = circle.Select(file => Path.GetFileNameWithoutExtension(file));
            Console.WriteLine($"  files: {string.Join(", ", names.Order(StringComparer.Ordinal))}");
        }
        foreach (List<string> circle in Circles(folders))
            Console.WriteLine($"  folders: {string.Join(", ", circle.Order(StringComparer.Ordinal))}");
    }
}

// The sizes of the circles, the largest first.
static string Text(List<List<string>> circles, int of) =>
    circles.Count == 0 ? "none" : $"{string.Join("+", circles.Select(circle => circle.Count).OrderDescending())} of {of}";

// Tarjan's algorithm: the strongly connected components with more than one node.
static List<List<string>> Circles(Dictionary<string, HashSet<string>> edges)
{
    var found = new List<List<string>>();
    var index = new Dictionary<string, int>();
    var low = new Dictionary<string, int>();
    var stack = new Stack<string>();
    var onStack = new HashSet<string>();
    foreach (string node in edges.Keys)
    {
        if (!index.ContainsKey(node))
            Visit(node);
    }
    return found;

    void Visit(string node)
    {
        index[node] = low[node] = index.Count;
        stack.Push(node);
        onStack.Add(node);
        foreach (string next in edges[node])
        {
            if (!index.ContainsKey(next))
            {
                Visit(next);
                low[node] = Math.Min(low[node], low[next]);
            }
            else if (onStack.Contains(next))
            {
                low[node] = Math.Min(low[node], index[next]);
            }
        }
        if (low[node] != index[node])
            return;
        var component = new List<string>();
        string popped;
        do
        {
            popped = stack.Pop();
            onStack.Remove(popped);
            component.Add(popped);
        }
        while (popped != node);
        if (component.Count > 1)
            found.Add(component);
    }
}
