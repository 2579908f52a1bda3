# Builds the server and runs it as a user without rights. Namespaces that are files need no privilege:
#   docker build -t managed-nvmet .
#   docker run -p 4420:4420 -v nvmet-state:/state managed-nvmet --namespace /state/disk.img,create=10G
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
RUN dotnet publish src/ManagedNvmet.Server -c Release -o /app --self-contained false

FROM mcr.microsoft.com/dotnet/runtime:10.0
COPY --from=build /app /app
# The state folder keeps identities and default disks; uid 1654 is the image's own unprivileged user.
RUN mkdir /state && chown 1654:1654 /state
USER 1654:1654
VOLUME /state
EXPOSE 4420
STOPSIGNAL SIGTERM
ENTRYPOINT ["/app/managed-nvmet", "--state-directory", "/state", "--listen", "0.0.0.0:4420"]
