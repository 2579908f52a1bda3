using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ManagedNvmet.Management.Api;

/// <summary>Errors as problem+json: what was found, and what to change.</summary>
internal static class Problems
{
    public static ProblemHttpResult NotFound(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status404NotFound, title: "There is no such thing");

    public static ProblemHttpResult Wrong(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status400BadRequest, title: "A parameter is wrong");

    public static ProblemHttpResult OutOfRange(string name, int value, int most) =>
        TypedResults.Problem(
            $"{name} is {value}, expected 0 to {most}.", statusCode: StatusCodes.Status400BadRequest, title: "A parameter is out of range");
}
