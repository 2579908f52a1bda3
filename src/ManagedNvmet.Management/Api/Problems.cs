using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ManagedNvmet.Management.Api;

/// <summary>Creates error responses of type application/problem+json.</summary>
internal static class Problems
{
    public static ProblemHttpResult NotFound(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status404NotFound, title: "Not found");

    public static ProblemHttpResult InvalidParameter(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status400BadRequest, title: "A parameter is invalid");

    public static ProblemHttpResult OutOfRange(string name, int value, int maximum) =>
        TypedResults.Problem(
            $"{name} is {value}, expected 0 to {maximum}.",
            statusCode: StatusCodes.Status400BadRequest,
            title: "A parameter is out of range");
}
