FROM mcr.microsoft.com/dotnet/sdk:8.0.302 AS build
RUN dotnet publish

FROM mcr.microsoft.com/dotnet/aspnet:8.0.6
COPY --from=build /app /app
