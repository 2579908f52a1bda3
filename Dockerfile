# Runs the server as a user without rights; namespaces that are files need no privilege. First publish, then build:
#   dotnet publish src/ManagedNvmet.Server -c Release -r linux-x64 -p:PublishAot=true -o artifacts/container
#   docker build -t managed-nvmet .
FROM debian:trixie-slim
COPY artifacts/container /app
# The state folder keeps identities and disks.
RUN useradd --uid 1654 --no-create-home nvmet && mkdir /state && chown nvmet: /state
USER nvmet
VOLUME /state
EXPOSE 4420
# Look inside with: docker exec CONTAINER /app/managed-nvmet status
ENV MANAGED_NVMET_SERVER=/state/management.sock
STOPSIGNAL SIGTERM
ENTRYPOINT ["/app/managed-nvmet", "--state-directory", "/state", "--listen", "0.0.0.0:4420"]
