# A job of coordinator and workers. What is yours are the variables; the keys are made once with
# `scriptorium keys`, and lie with the archive on a volume that all clients have.
variable "manifest" {
  type    = string
  default = "/archive/archive.jsonl"
}

variable "output" {
  type    = string
  default = "/archive/out/archive.out.jsonl"
}

variable "model" {
  type    = string
  default = "/archive/models/wav2vec2"
}

variable "coordinator_key" {
  type        = string
  description = "The coordinator's public key: scriptorium keys show --keys /archive/keys/coordinator"
}

variable "workers" {
  type    = number
  default = 4
}

job "scriptorium" {
  type = "batch"

  group "coordinator" {
    network {
      mode = "host"
      port "workers" {}
    }

    volume "archive" {
      type   = "host"
      source = "archive"
    }

    service {
      name     = "scriptorium"
      port     = "workers"
      provider = "nomad"
    }

    # Another try goes on from the journal. Nomad knows success alone, so rows without a transcript are one.
    restart {
      attempts = 100
      interval = "24h"
      delay    = "5s"
      mode     = "delay"
    }

    task "coordinate" {
      driver       = "exec"
      kill_timeout = "40s"

      config {
        command = "scriptorium"
        args    = ["coordinate", var.manifest]
      }

      volume_mount {
        volume      = "archive"
        destination = "/archive"
      }

      env {
        SCRIPTORIUM_OUTPUT             = var.output
        SCRIPTORIUM_MODEL              = var.model
        SCRIPTORIUM_LISTEN             = "tcp://${NOMAD_ADDR_workers}"
        SCRIPTORIUM_KEYS               = "/archive/keys/coordinator"
        SCRIPTORIUM_ACCEPT_FAILED_ROWS = "true"
        SCRIPTORIUM_ARITHMETIC         = "avx2"
        SCRIPTORIUM_LOG                = "json"
        XDG_RUNTIME_DIR                = "${NOMAD_TASK_DIR}"
      }

      resources {
        cpu    = 1000
        memory = 1024
      }
    }
  }

  group "workers" {
    count = var.workers

    volume "archive" {
      type      = "host"
      source    = "archive"
      read_only = true
    }

    restart {
      attempts = 100
      interval = "24h"
      delay    = "5s"
      mode     = "delay"
    }

    task "work" {
      driver       = "exec"
      kill_timeout = "40s"

      config {
        command = "scriptorium"
        args    = ["work"]
      }

      volume_mount {
        volume      = "archive"
        destination = "/archive"
        read_only   = true
      }

      # A coordinator that moves is found again: its new address restarts the worker.
      template {
        destination = "local/address.env"
        env         = true
        data        = <<END
{{ range nomadService "scriptorium" }}SCRIPTORIUM_CONNECT=tcp://{{ .Address }}:{{ .Port }}
{{ end }}
END
      }

      env {
        SCRIPTORIUM_MODEL           = var.model
        SCRIPTORIUM_COORDINATOR_KEY = var.coordinator_key
        SCRIPTORIUM_KEYS            = "/archive/keys/worker"
        SCRIPTORIUM_AUDIO_ROOT      = "/archive"
        SCRIPTORIUM_SLOT            = "nomad-${NOMAD_ALLOC_INDEX}"
        SCRIPTORIUM_THREADS         = "4"
        SCRIPTORIUM_LOG             = "json"
        XDG_RUNTIME_DIR             = "${NOMAD_TASK_DIR}"
      }

      resources {
        cores  = 4
        memory = 6144
      }
    }
  }
}
