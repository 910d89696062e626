FROM python:3.12-slim
# LightGBM needs OpenMP, which slim images leave out.
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home --uid 1000 platform && mkdir -p /data && chown platform /data
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY --chown=platform . .
RUN chown platform /app/models_store /app/sample_data
USER platform
ENV PLATFORM_HOME=/data HOST=0.0.0.0 PORT=8000
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=300s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz/')"]
CMD ["python", "manage.py", "serve"]
