enum AudioInputRoom {}
