# Runs the server as a user without rights. First publish, then build:
#   dotnet publish src/ManagedNvmet.Server -c Release -r linux-x64 -p:PublishAot=true -o artifacts/container
#   docker build -t managed-nvmet .
FROM debian:trixie-slim
COPY artifacts/container /app
# The state folder holds identities and, if you like, disk files and the configuration file.
RUN useradd --uid 1654 --no-create-home nvmet && mkdir /state && chown nvmet: /state
USER nvmet
VOLUME /state
EXPOSE 4420
# The verbs find the server by this variable: docker exec CONTAINER /app/managed-nvmet status
ENV MANAGED_NVMET_SERVER=/state/management.sock
STOPSIGNAL SIGTERM
ENTRYPOINT ["/app/managed-nvmet", "--state-directory", "/state"]
